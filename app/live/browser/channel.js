// The one WebSocket of a token: hello, frames, acknowledgements, and patience when it breaks.

const FIRST_PATIENCE_MS = 250;
const MOST_PATIENCE_MS = 4000;
const TRIES_BEFORE_FALLBACK = 4;
const UNKNOWN_TOKEN = 4404;
const POLL_MS = 500;

/**
 * Carries messages to and from the server. `handlers` has text(message), frame(buffer),
 * open(), broken() while reconnecting, lost() for an unknown token, fallback() when no WebSocket
 * ever opened, and poll(messages), which takes the messages to Python instead.
 */
export class Channel {
  constructor(base, token, handlers, polled = false) {
    this.base = base;
    this.turnTo(token);
    this.handlers = handlers;
    this.tries = 0;
    this.everOpen = false;
    this.closed = false;
    this.outbox = [];
    if (polled) this.#poll();
    else this.#connect();
  }

  /** Another token for the same socket, by which it is found again if it breaks. */
  turnTo(token) {
    this.address = new URL(`live/${encodeURIComponent(token)}`, this.base);
    this.address.protocol = this.address.protocol === "https:" ? "wss:" : "ws:";
  }

  get open() {
    return this.polling || this.socket?.readyState === WebSocket.OPEN;
  }

  send(message) {
    if (this.polling) this.outbox.push(message);
    else if (this.open) this.socket.send(JSON.stringify(message));
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    clearInterval(this.pollTimer);
    this.socket?.close(1000);
  }

  #connect() {
    if (this.closed) return;
    let socket;
    try {
      socket = new WebSocket(this.address);
    } catch {
      this.#startPolling();
      return;
    }
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.everOpen = true;
      this.tries = 0;
      this.handlers.open();
    };
    socket.onmessage = ({ data }) => {
      if (this.closed) return;
      if (typeof data === "string") this.handlers.text(JSON.parse(data));
      else this.handlers.frame(data);
    };
    socket.onclose = (event) => this.#again(event);
    this.socket = socket;
  }

  #again(event) {
    if (this.closed) return;
    if (event.code === UNKNOWN_TOKEN) {
      this.closed = true;
      this.handlers.lost();
      return;
    }
    this.tries += 1;
    if (!this.everOpen && this.tries >= TRIES_BEFORE_FALLBACK) {
      this.#startPolling();
      return;
    }
    this.handlers.broken();
    const patience = Math.min(MOST_PATIENCE_MS, FIRST_PATIENCE_MS * 2 ** (this.tries - 1));
    this.timer = setTimeout(() => this.#connect(), patience);
  }

  #startPolling() {
    this.handlers.fallback();
    this.#poll();
  }

  #poll() {
    this.polling = true;
    this.handlers.open();
    const carry = () => {
      if (document.hidden) return;
      this.handlers.poll(this.outbox.splice(0));
    };
    this.pollTimer = setInterval(carry, POLL_MS);
    carry();
  }
}
