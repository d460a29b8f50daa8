// One job as the browser holds it: its prediction, its rows, its verdicts, and how much of that is seen.

import { Store } from "./frames.js";

/** @import { Judgement, View } from "./messages.js" */
/** @import { JobStatus, Moment } from "./types.js" */
/** @import { Playback } from "./playback.js" */

const FINAL = new Set(["done", "stopped"]);
const JUDGEMENT_PATIENCE_MS = 6000;

/** Knows nothing of the way to the server; a job that takes its place is another object. */
export class Job {
  /**
   * @param {Playback} playback
   * @param {string | null} token
   * @param {number} since when it was first waited for
   */
  constructor(playback, token = null, since = performance.now()) {
    this.playback = playback;
    this.token = token;
    this.since = since;
    /** @type {View | null} */
    this.view = null;
    this.stores = [new Store(), new Store()];
    /** @type {JobStatus} */
    this.status = { state: "loading", message: "", progress: 0, stoppedAt: null, queue: null };
    /** @type {Judgement | null} */
    this.judgement = null;
    this.judged = false;
    /** @type {number | null} */
    this.scrubTime = null;
    this.scrubbing = false;
    this.stepping = false;
    /** @type {number | null} */
    this.endedAt = null;
    this.hiddenPause = false;
  }

  get store() {
    return this.stores[0];
  }

  /** The computing is over, whatever has been played of it. */
  get computed() {
    return FINAL.has(this.status.state);
  }

  /** What the reader sees happening. */
  get state() {
    const { state } = this.status;
    if (state === "failed") return "failed";
    if (!this.view) return "loading";
    if (this.judged) return state === "stopped" ? "stopped" : "done";
    if (this.playback.playing) return "running";
    if (this.playback.head > 0 || state === "paused" || state === "running" || this.computed) return "paused";
    return state;
  }

  /**
   * Moves the clock; true while there is more to come.
   * @param {number} now
   */
  tick(now) {
    const { playback } = this;
    playback.tick(now, this.store.rows);
    if (playback.catchingUp && playback.row >= this.store.rows && this.store.rows && !this.computed) {
      playback.catchingUp = false;
    }
    return playback.playing || playback.catchingUp;
  }

  /** Whether the last row of a finished run is on screen. */
  get played() {
    return this.computed && this.store.rows > 0 && this.playback.row >= this.store.rows;
  }

  /**
   * Whether the verdicts of a run that has been played are here, or are not to be waited for any more.
   * @param {number} now
   */
  mayBeJudged(now) {
    this.endedAt ??= now;
    return this.judgement !== null || now - this.endedAt >= JUDGEMENT_PATIENCE_MS;
  }

  /**
   * Moves the cursor to a time already played.
   * @param {number} time
   */
  scrub(time) {
    const played = this.store.value("time", Math.max(0, this.playback.row - 1));
    this.scrubTime = Math.min(time, played);
    this.scrubbing = true;
  }

  /**
   * What the panels draw now.
   * @returns {Moment}
   */
  moment() {
    const { store } = this;
    const rows = this.playback.row;
    const time = rows ? store.value("time", rows - 1) : 0;
    const cursorRow = Math.max(0, store.rowsUntil(this.scrubTime ?? time) - 1);
    const complete = this.computed && rows >= store.rows;
    return {
      stores: this.stores,
      rows,
      complete,
      time,
      cursorTime: rows ? store.value("time", cursorRow) : 0,
      cursorStep: rows ? store.value("step", cursorRow) : 0,
      moving: this.playback.playing || this.playback.catchingUp || this.scrubbing,
      cursor: rows > 0 && (!this.judged || this.scrubTime !== null),
      key: `${this.token} ${rows} ${this.stores[1].rows} ${complete} ${this.scrubTime}`,
    };
  }
}
