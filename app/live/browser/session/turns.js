// When Python may be told something: a turn begun during another says again what widgets held before it.

const SETTLE_MS = 150;
const INPUT_MS = 1000;
const LOOK_MS = 50;
const MOST_MS = 15_000;
const INPUTS = ["pointerup", "keyup", "change"];

/** @returns {HTMLElement | null} */
function appElement() {
  return document.querySelector("[data-testid=stApp]");
}

/**
 * Follows Streamlit's turns. A preset that is picked moves knobs; a message sent before the page has
 * their new places would carry the old ones, and move them back.
 */
export class Turns {
  /** @param {Node} host the mounted part, whose own inputs are no input for Python */
  constructor(host) {
    this.host = host;
    this.busyAt = -Infinity;
    this.inputAt = -Infinity;
    this.stop = new AbortController();
    for (const kind of INPUTS) {
      document.addEventListener(kind, (event) => this.#input(event), { capture: true, passive: true, signal: this.stop.signal });
    }
    this.wasBusy = false;
    this.watcher = new MutationObserver(() => this.#look());
    const app = appElement();
    if (app) this.watcher.observe(app, { attributeFilter: ["data-test-script-state"] });
    this.#look();
  }

  /** @param {Event} event */
  #input(event) {
    if (!event.composedPath().includes(this.host)) this.inputAt = performance.now();
  }

  /** The live part itself has asked for a turn, which begins in a moment. */
  asked() {
    this.inputAt = performance.now();
  }

  /** Remembers when a turn was last seen at work; one that began after an input is the input's, one before it is not. */
  #look() {
    const state = appElement()?.dataset.testScriptState;
    const busy = state === "running" || state === "rerunRequested";
    if (busy && !this.wasBusy) this.inputAt = -Infinity;
    if (busy || this.wasBusy) this.busyAt = performance.now();
    this.wasBusy = busy;
    return busy;
  }

  /** Whether a turn is under way, whose answer is older than what is asked for now. */
  get busy() {
    return this.#look();
  }

  /** Streamlit drops what it is told while its own socket is closed. */
  get #connected() {
    const state = appElement()?.dataset.testConnectionState;
    return state === undefined || state === "CONNECTED";
  }

  /** Whether the page has the answer to everything that was asked of Python. */
  get idle() {
    if (this.#look() || !this.#connected) return false;
    const now = performance.now();
    return now - this.busyAt >= SETTLE_MS && now - this.inputAt >= INPUT_MS;
  }

  /**
   * Does something as soon as the page is idle, or when it has not been for very long, and Python is there.
   * @param {() => void} work
   */
  whenIdle(work) {
    let since = performance.now();
    const look = () => {
      if (this.stop.signal.aborted) return;
      if (!this.#connected) since = performance.now();
      if (this.idle || performance.now() - since > MOST_MS) work();
      else setTimeout(look, LOOK_MS);
    };
    setTimeout(look, 0);
  }

  leave() {
    this.stop.abort();
    this.watcher.disconnect();
  }
}
