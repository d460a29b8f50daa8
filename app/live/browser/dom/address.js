// The address bar: what in it was refused, and which picture is the large one.

const ADDRESS_MS = 300;

/** Puts what is drawn into the address in place of what was refused, once Streamlit has written. */
export class Address {
  constructor() {
    /** @type {number | undefined} */
    this.timer = undefined;
  }

  /** @param {Record<string, string | null>} [corrections] */
  correct(corrections = {}) {
    clearTimeout(this.timer);
    if (!Object.keys(corrections).length) return;
    this.timer = setTimeout(() => {
      const here = new URL(location.href);
      for (const [name, text] of Object.entries(corrections)) {
        if (text === null) here.searchParams.delete(name);
        else here.searchParams.set(name, text);
      }
      history.replaceState(history.state, "", here);
    }, ADDRESS_MS);
  }

  /**
   * What the address says of that.
   * @param {string} name
   */
  read(name) {
    return new URL(location.href).searchParams.get(name);
  }

  /**
   * @param {string} name
   * @param {string | null} text null takes it out
   */
  write(name, text) {
    const here = new URL(location.href);
    if (text === null) here.searchParams.delete(name);
    else here.searchParams.set(name, text);
    history.replaceState(history.state, "", here);
  }

  leave() {
    clearTimeout(this.timer);
  }
}
