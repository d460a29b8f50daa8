// The lecturer's secret: kept in this tab, out of the address that a projector would show.

/** Reads it from the address once, and takes it out of there. */
export class Safe {
  /** @param {string} code */
  constructor(code) {
    const name = `lmx-wall-${code}`;
    const said = decodeURIComponent(location.hash.slice(1));
    this.secret = said && said !== "questions" ? said : (sessionStorage.getItem(name) ?? "");
    if (this.secret !== said) return;
    sessionStorage.setItem(name, said);
    history.replaceState(history.state, "", location.href.split("#")[0]);
  }

  /**
   * The whole link, with which the room is steered from another screen.
   * @param {URL} address of the room's page
   */
  link(address) {
    return `${address.href}/wall#${encodeURIComponent(this.secret)}`;
  }

  /**
   * Fetches the results and has them saved; why not, in one sentence, or "".
   * @param {URL} address of the room's page
   * @param {string} code
   */
  async results(address, code) {
    try {
      const answer = await fetch(`${address.href}/results.csv`, { method: "POST", body: JSON.stringify({ secret: this.secret }) });
      if (!answer.ok) return await answer.text();
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await answer.blob());
      link.download = `room-${code}.csv`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      return "";
    } catch {
      return "The server cannot be reached; try again.";
    }
  }
}
