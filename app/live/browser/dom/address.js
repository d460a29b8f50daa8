// The address bar: what in it was refused, and which picture is the large one.

const ADDRESS_MS = 300;

/** Puts what is drawn into the address in place of what was refused, once Streamlit has written. */
export class Address {
  /** @param {(work: () => void) => void} whenIdle does something once no turn is under way or asked for */
  constructor(whenIdle) {
    this.whenIdle = whenIdle;
    /** @type {number | undefined} */
    this.timer = undefined;
    /** What is to be written: @type {Record<string, string | null>} */
    this.corrections = {};
  }

  /**
   * During a turn Streamlit may have written what is set next, and would take these for knobs moved back.
   * @param {Record<string, string | null>} [corrections]
   */
  correct(corrections = {}) {
    clearTimeout(this.timer);
    this.corrections = corrections;
    if (!Object.keys(corrections).length) return;
    this.timer = setTimeout(() => this.whenIdle(() => this.corrections === corrections && this.#write()), ADDRESS_MS);
  }

  #write() {
    const here = new URL(location.href);
    for (const [name, text] of Object.entries(this.corrections)) {
      if (text === null) here.searchParams.delete(name);
      else here.searchParams.set(name, text);
    }
    history.replaceState(history.state, "", here);
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
    this.corrections = {};
  }
}
