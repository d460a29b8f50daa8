// Knobs told to the server before Python hears of them, so that the prediction follows the hand.

const PATIENCE_MS = 400;

/**
 * Sends one moved knob after the other: the next once the picture of the last is on the screen, or
 * none has come. Of what is moved meanwhile only the latest counts.
 */
export class Ahead {
  /** @param {{ send: (knob: string, value: string) => void, mayAsk: () => boolean }} page */
  constructor(page) {
    this.page = page;
    /** @type {{ knob: string, value: string } | null} */
    this.next = null;
    /** Who waits until what is sent is drawn, or will not be: @type {(() => void)[]} */
    this.waiting = [];
    /** @type {number | undefined} */
    this.timer = undefined;
  }

  /**
   * Whether the server hears of it; `then` is called, once, when it is drawn or will not be.
   * @param {string} knob
   * @param {string} value as somebody would type it
   * @param {() => void} [then]
   */
  moved(knob, value, then) {
    if (!this.page.mayAsk()) return false;
    this.next = { knob, value };
    if (then) this.waiting.push(then);
    if (this.timer === undefined) this.#go();
    return true;
  }

  /** The picture of the last one is on the screen. */
  painted() {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.next && this.page.mayAsk()) this.#go();
    else this.leave();
  }

  #go() {
    const { next } = this;
    this.next = null;
    if (next === null) return;
    this.page.send(next.knob, next.value);
    this.timer = setTimeout(() => this.painted(), PATIENCE_MS);
  }

  /** Nobody waits any longer. */
  leave() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.next = null;
    for (const then of this.waiting.splice(0)) then();
  }
}
