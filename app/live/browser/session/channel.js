// The way to the server: one WebSocket for a token, with patience when it breaks, or else Python.

/** @import { Answer, Asked } from "./messages.js" */
/** @import { Polling } from "./polling.js" */
/** @import { ChannelHandlers } from "./types.js" */

const FIRST_PATIENCE_MS = 250;
const MOST_PATIENCE_MS = 4000;
const OPENING_MS = 5000;
const TRIES_BEFORE_FALLBACK = 4;
const UNKNOWN_TOKEN = 4404;

// Where one has opened, a later failure is the server's or the network's, and passes.
let everOpen = false;

/**
 * Carries messages to and from the server once it is started. Where no WebSocket ever opens,
 * `polling` takes the messages, as it does from the start where it is active already.
 */
export class Channel {
  /**
   * @param {URL} base
   * @param {string} token
   * @param {ChannelHandlers} handlers
   * @param {Polling} polling
   */
  constructor(base, token, handlers, polling) {
    this.base = base;
    this.handlers = handlers;
    this.polling = polling;
    this.tries = 0;
    this.closed = false;
    this.broke = false;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {number | undefined} */
    this.timer = undefined;
    /** @type {number | undefined} */
    this.opening = undefined;
    this.token = token;
  }

  start() {
    if (this.polling.active) this.#poll();
    else this.#connect();
  }

  get #address() {
    const address = new URL(`live/${encodeURIComponent(this.token)}`, this.base);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    return address;
  }

  /**
   * Another token for the same socket, by which it is found again if it breaks.
   * @param {string} token
   */
  turnTo(token) {
    this.token = token;
    if (this.polled) this.polling.turnTo(token);
  }

  /** Whether Python carries the messages. */
  get polled() {
    return this.polling.active && !this.closed;
  }

  get open() {
    return this.polled || this.socket?.readyState === WebSocket.OPEN;
  }

  /** @param {Asked} message */
  send(message) {
    if (this.polled) this.polling.push(message);
    else if (this.open) this.socket?.send(JSON.stringify(message));
  }

  close() {
    if (this.polled) this.polling.stop();
    this.closed = true;
    clearTimeout(this.timer);
    clearTimeout(this.opening);
    this.socket?.close(1000);
  }

  #connect() {
    if (this.closed) return;
    /** @type {WebSocket} */
    let socket;
    try {
      socket = new WebSocket(this.#address);
    } catch {
      this.#fallBack();
      return;
    }
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      clearTimeout(this.opening);
      if (this.closed) return;
      everOpen = true;
      this.tries = 0;
      this.handlers.open();
    };
    socket.onmessage = ({ data }) => {
      if (this.closed) return;
      if (typeof data === "string") this.handlers.text(JSON.parse(data));
      else this.handlers.frame(data);
    };
    socket.onclose = (event) => this.#again(event);
    this.opening = setTimeout(() => socket.close(), OPENING_MS);
    this.socket = socket;
  }

  /** @param {CloseEvent} event */
  #again(event) {
    clearTimeout(this.opening);
    if (this.closed) return;
    if (event.code === UNKNOWN_TOKEN) {
      this.#lost();
      return;
    }
    this.broke = true;
    this.tries += 1;
    if (!everOpen && this.tries >= TRIES_BEFORE_FALLBACK) {
      this.#fallBack();
      return;
    }
    this.handlers.broken();
    const patience = Math.min(MOST_PATIENCE_MS, FIRST_PATIENCE_MS * 2 ** (this.tries - 1));
    this.timer = setTimeout(() => this.#connect(), patience);
  }

  #lost() {
    this.close();
    this.handlers.lost(this.broke);
  }

  #fallBack() {
    this.handlers.fallback();
    this.#poll();
  }

  #poll() {
    const { text, frame, open } = this.handlers;
    this.polling.begin(this.token, {
      open,
      frame,
      text: (message) => (message.type === "gone" ? this.#lost() : text(message)),
    });
  }
}
