// A run that is here already, in place of a server: it is told as a server would tell it, and played by the page.

/** @import { Answer, Asked, Judgement, Status, View } from "./messages.js" */
/** @import { ChannelHandlers, Way } from "./types.js" */

/**
 * What a server would have said of a run: app/recorded/recording.py.
 * @typedef {object} Recorded
 * @property {View} view
 * @property {Status} before what is said until the run is asked for
 * @property {Status} after
 * @property {Judgement} judgement
 * @property {ArrayBuffer[]} frames
 */

/** What is told of the run, and where in the bytes behind it the rest is. */
/** @typedef {Omit<Recorded, "frames"> & { frames: number[], numbers: number }} Head */

const LITTLE = true;

/** @param {BlobPart} packed by gzip */
export function unzipped(packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

/**
 * A recording and the numbers of its file, taken apart.
 * @param {ArrayBuffer} bytes
 * @returns {{ recorded: Recorded, numbers: ArrayBuffer }}
 */
export function taken(bytes) {
  let at = 4 + new DataView(bytes).getUint32(0, LITTLE);
  /** @type {Head} */
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, at - 4)));
  /** @param {number} length */
  const next = (length) => bytes.slice(at, (at += length));
  const frames = head.frames.map(next);
  return { recorded: { ...head, frames }, numbers: next(head.numbers) };
}

/**
 * The way to a recorded job; all of its rows come at the first press, and the playback gives them their pace.
 * @implements {Way}
 */
export class Recording {
  /**
   * @param {Recorded} recorded
   * @param {string} token
   * @param {ChannelHandlers} handlers
   */
  constructor(recorded, token, handlers) {
    this.recorded = recorded;
    this.token = token;
    this.handlers = handlers;
    this.open = false;
    this.polled = false;
    this.told = false;
  }

  start() {
    this.#later(() => {
      this.open = true;
      this.handlers.open();
    });
  }

  /** @param {Asked} message */
  send(message) {
    if (message.type === "hello" && !message.view) this.#later(() => this.#begin());
    else if (message.type === "run" || message.type === "step") this.#later(() => this.#tell());
    else if (message.type === "reset") this.#later(() => this.#again());
  }

  /** @param {string} token */
  turnTo(token) {
    this.token = token;
  }

  close() {
    this.closed = true;
    this.open = false;
  }

  /**
   * Nobody is answered in the middle of asking.
   * @param {() => void} work
   */
  #later(work) {
    setTimeout(() => !this.closed && work(), 0);
  }

  /** @param {...Answer} messages */
  #say(...messages) {
    for (const message of messages) this.handlers.text(message);
  }

  #begin() {
    this.told = false;
    this.#say(this.recorded.view, this.recorded.before);
  }

  /** The same run again, as a job of its own. */
  #again() {
    this.#say({ type: "moved", token: this.token, stay: true });
    this.#begin();
  }

  #tell() {
    if (this.told) return;
    this.told = true;
    const { before, after, frames, judgement } = this.recorded;
    this.#say({ ...before, state: "running" });
    for (const frame of frames) this.handlers.frame(frame);
    this.#say(after, judgement);
  }
}
