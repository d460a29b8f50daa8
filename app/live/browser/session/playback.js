// The clock of the page: which row is on screen, whatever the computer has finished already.

const RUN_SECONDS = 8;

export const PACES = [
  { value: "0.5", words: "0.5\u00d7" },
  { value: "1", words: "1\u00d7" },
  { value: "2", words: "2\u00d7" },
  { value: "4", words: "4\u00d7" },
  { value: "fastest", words: "Fastest" },
];

/** Rows played so far and how fast; knows nothing of sockets and figures. */
export class Playback {
  constructor() {
    this.pace = "1";
    this.rowsTotal = 0;
    /** Rows played so far; a part of a row while one is on its way. */
    this.head = 0;
    this.playing = false;
    this.catchingUp = false;
    /** @type {number | null} */
    this.lastTick = null;
  }

  reset(rowsTotal = 0) {
    this.rowsTotal = rowsTotal;
    this.head = 0;
    this.playing = false;
    this.catchingUp = false;
    this.lastTick = null;
  }

  /** Rows per second; null plays everything there is. */
  get rate() {
    if (this.pace === "fastest") return null;
    return (Number(this.pace) * Math.max(this.rowsTotal, 1)) / RUN_SECONDS;
  }

  get row() {
    return Math.floor(this.head);
  }

  start() {
    this.playing = true;
    this.lastTick = null;
  }

  stop() {
    this.playing = false;
    this.lastTick = null;
  }

  /**
   * Moves the head to time `now` (ms) with `held` rows at hand; true if it moved.
   * @param {number} now
   * @param {number} held
   */
  tick(now, held) {
    const before = this.head;
    if (this.catchingUp) {
      this.head = held;
    } else if (this.playing) {
      const seconds = this.lastTick === null ? 0 : Math.min(0.5, (now - this.lastTick) / 1000);
      this.head = this.rate === null ? held : Math.min(held, this.head + this.rate * seconds);
    }
    this.lastTick = now;
    return this.head !== before;
  }

  /**
   * One row further, if it is here.
   * @param {number} held
   */
  step(held) {
    if (this.row >= held) return false;
    this.head = this.row + 1;
    return true;
  }
}
