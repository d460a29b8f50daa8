// The address bar, where something in it was refused.

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

  leave() {
    clearTimeout(this.timer);
  }
}
