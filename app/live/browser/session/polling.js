// Where no WebSocket opens, Python carries the messages: one question at a time, until it is answered.

/** @import { Answer, Asked, Reply, Sent } from "./messages.js" */
/** @import { Numbered, PollingHandlers } from "./types.js" */

const POLL_MS = 500;
const PATIENCE_MS = 3000;
const MOST_PATIENCE_MS = 24_000;
const CAN_WAIT = new Set(["touch", "ack", "pace"]);

/**
 * Whether a message makes an earlier one needless.
 * @param {Asked} later
 * @param {Asked} earlier
 */
function replaces(later, earlier) {
  return CAN_WAIT.has(later.type) && later.type === earlier.type && sourceOf(later) === sourceOf(earlier);
}

/** @param {Asked} message */
function sourceOf(message) {
  return message.type === "ack" ? message.source : null;
}

function randomName() {
  return Array.from(crypto.getRandomValues(new Uint32Array(2)), (part) => part.toString(36)).join("");
}

/**
 * The polled way of one mounted page, whatever job it shows. Messages are numbered and said again
 * until a reply names them as taken; a reply that was lost shows as a gap, and a new hello tells
 * what is held.
 */
export class Polling {
  /**
   * @param {(payload: Sent) => void} carry takes messages to Python
   * @param {(work: () => void) => void} when does something once Python may be told something
   */
  constructor(carry, when) {
    this.carry = carry;
    this.when = when;
    this.viewer = randomName();
    this.number = 0;
    /** @type {Numbered[]} */
    this.waiting = [];
    this.active = false;
    this.token = "";
    /** @type {PollingHandlers | null} */
    this.handlers = null;
    /** @type {number | null} */
    this.replied = null;
    this.outstanding = false;
    this.askedAt = -Infinity;
    /** Those whose question waits for Python to be idle: @type {PollingHandlers | null} */
    this.asking = null;
    /** @type {number | undefined} */
    this.timer = undefined;
    this.patience = PATIENCE_MS;
  }

  /**
   * Watches a job.
   * @param {string} token
   * @param {PollingHandlers} handlers
   */
  begin(token, handlers) {
    this.active = true;
    this.token = token;
    this.handlers = handlers;
    this.waiting = [];
    this.outstanding = false;
    handlers.open();
    this.#ask();
  }

  /**
   * The job that has taken the place of the present one.
   * @param {string} token
   */
  turnTo(token) {
    if (this.handlers) this.begin(token, this.handlers);
  }

  /**
   * Keeps a message until Python has it; what a reader asks for goes at once if it can.
   * @param {Asked} message
   */
  push(message) {
    this.waiting = this.waiting.filter((one) => !replaces(message, one));
    this.number += 1;
    this.waiting.push({ ...message, n: this.number });
    if (!this.outstanding && this.handlers && !CAN_WAIT.has(message.type)) this.#in(0);
  }

  /** Nothing more is asked for this job. */
  stop() {
    clearTimeout(this.timer);
    this.handlers = null;
    this.waiting = [];
  }

  /**
   * A reply as the page's data bring it, which they may do more than once.
   * @param {Reply | null | undefined} reply
   */
  take(reply) {
    if (!reply || reply.viewer !== this.viewer || reply.n === this.replied) return;
    const missed = this.replied !== null && reply.n !== this.replied + 1;
    this.replied = reply.n;
    this.waiting = this.waiting.filter(({ n }) => n > reply.taken);
    if (!this.handlers || reply.token !== this.token) return;
    this.outstanding = false;
    this.patience = PATIENCE_MS;
    this.#in(Math.max(0, this.askedAt + POLL_MS - performance.now()));
    const { handlers } = this;
    this.#deliver(reply, handlers);
    // Who was watched may have been left meanwhile, or have been given another job.
    if (missed) this.handlers?.open();
  }

  /**
   * What leads to another job comes first; then a view before its rows, and verdicts after them.
   * @param {Reply} reply
   * @param {PollingHandlers} handlers
   */
  #deliver({ messages = [], frames = [] }, handlers) {
    const turn = messages.findLastIndex(({ type }) => type === "moved");
    if (turn >= 0) handlers.text(messages[turn]);
    const rest = messages.slice(turn + 1);
    const parts = [
      ...rest.filter(({ type }) => type === "view").map((message) => () => handlers.text(message)),
      ...frames.map((frame) => () => handlers.frame(Uint8Array.from(atob(frame), (one) => one.charCodeAt(0)).buffer)),
      ...rest.filter(({ type }) => type !== "view").map((message) => () => handlers.text(message)),
    ];
    for (const part of parts) {
      if (this.handlers !== handlers) return;
      part();
    }
  }

  /** @param {number} milliseconds */
  #in(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#ask(), milliseconds);
  }

  #ask() {
    if (document.hidden) {
      this.#in(POLL_MS);
      return;
    }
    const { handlers } = this;
    if (this.asking === handlers) return;
    this.asking = handlers;
    this.when(() => {
      if (this.asking === handlers) this.asking = null;
      if (this.handlers === handlers && handlers) this.#carry();
    });
  }

  #carry() {
    this.patience = this.outstanding ? Math.min(MOST_PATIENCE_MS, 2 * this.patience) : PATIENCE_MS;
    this.outstanding = true;
    this.askedAt = performance.now();
    this.carry({ token: this.token, viewer: this.viewer, messages: this.waiting });
    this.#in(this.patience);
  }
}
