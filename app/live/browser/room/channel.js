// The way to a room: one WebSocket, opened again with patience when it breaks.

/** @import { Said, Told } from "./types.js" */

const FIRST_PATIENCE_MS = 250;
const MOST_PATIENCE_MS = 4000;
const OPENING_MS = 8000;
/** The server says that it will not be otherwise: the room is over, or this browser has no business in it. */
const FOR_GOOD = [4403, 4404, 1008];

/**
 * @typedef {object} RoomHandlers
 * @property {() => Said} hello what is said first, whenever it opens
 * @property {(message: Told) => void} told
 * @property {(open: boolean) => void} open whether it is; not told that it breaks for good
 * @property {() => void} over it will not open again
 */

/** Says what is said while it is open; what has to arrive is said again by who hears that it opens. */
export class RoomChannel {
  /**
   * @param {URL} address of the room's page
   * @param {RoomHandlers} handlers
   */
  constructor(address, handlers) {
    this.address = new URL(`${address.href}/live`);
    this.address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    this.handlers = handlers;
    this.tries = 0;
    this.closed = false;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** Of the next try: @type {number | undefined} */
    this.timer = undefined;
    /** @type {number | undefined} */
    this.opening = undefined;
    this.stop = new AbortController();
    for (const kind of ["online", "pageshow"]) addEventListener(kind, () => this.#hurry(), { signal: this.stop.signal });
  }

  start() {
    this.#connect();
  }

  get open() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** @param {Said} message */
  send(message) {
    if (this.open) this.socket?.send(JSON.stringify(message));
  }

  close() {
    this.closed = true;
    this.stop.abort();
    clearTimeout(this.timer);
    clearTimeout(this.opening);
    this.socket?.close(1000);
  }

  #connect() {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.closed) return;
    const socket = new WebSocket(this.address);
    socket.onopen = () => {
      clearTimeout(this.opening);
      if (this.closed) return;
      this.tries = 0;
      this.send(this.handlers.hello());
      this.handlers.open(true);
    };
    socket.onmessage = ({ data }) => this.closed || this.handlers.told(JSON.parse(data));
    socket.onclose = (event) => this.#again(event);
    this.opening = setTimeout(() => socket.close(), OPENING_MS);
    this.socket = socket;
  }

  /** @param {CloseEvent} event */
  #again({ code }) {
    clearTimeout(this.opening);
    if (this.closed) return;
    if (FOR_GOOD.includes(code)) {
      this.close();
      this.handlers.over();
      return;
    }
    this.tries += 1;
    this.handlers.open(false);
    // A whole class comes back at once otherwise.
    const patience = Math.min(MOST_PATIENCE_MS, FIRST_PATIENCE_MS * 2 ** (this.tries - 1)) * (0.5 + Math.random());
    this.timer = setTimeout(() => this.#connect(), patience);
  }

  /** The network is back, or the phone awake: that is worth a try at once. */
  #hurry() {
    if (this.timer !== undefined) this.#connect();
  }
}
