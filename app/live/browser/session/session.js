// The way to one job after another: what comes from the server, and what a reader may ask for.

import { Ahead } from "./ahead.js";
import { decoded } from "./frames.js";
import { Job } from "./job.js";
import { Playback } from "./playback.js";
import { Polling } from "./polling.js";

/** @import { Answer, Asked, Moved, Status, View } from "./messages.js" */
/** @import { Awaited, ChannelHandlers, JobStatus, SessionPage, Way } from "./types.js" */

const BROKEN = "reconnecting; the run waits";
const POLLED = "no live connection here: the picture follows twice a second";

/** No DOM in here: the page is told, and draws. */
export class Session {
  /**
   * @param {(token: string, handlers: ChannelHandlers, polling: Polling) => Way} connect
   * @param {SessionPage} page
   */
  constructor(connect, page) {
    this.connect = connect;
    this.page = page;
    this.playback = new Playback();
    this.ahead = new Ahead({
      mayAsk: () => Boolean(this.channel?.open && !this.channel.polled),
      send: (knob, value) => this.#send({ type: "knob", knob, value }),
    });
    this.polling = new Polling((payload) => page.send(payload), (work) => page.whenIdle(work));
    /** What is in view, which may be another one than what is awaited. */
    this.job = new Job(this.playback);
    /** @type {Way | null} */
    this.channel = null;
    /** The job that is followed: @type {string | null} */
    this.token = null;
    /** Jobs that the server has led away from: @type {Set<string | null>} */
    this.left = new Set();
    /** The view of the job that is followed has not come yet. */
    this.fresh = false;
    /** @type {Awaited} */
    this.awaited = { since: performance.now(), progress: 0, queue: null };
    /** Words on the connection where it is not as it should be. */
    this.link = "";
    /** Who wants the job anew that Python was asked for: @type {"" | "reader" | "by itself"} */
    this.renewing = "";
    /** The job that the server has dropped: @type {string | null} */
    this.gone = null;
    /** A run is asked for, which cannot begin yet. */
    this.wanted = false;
    /** A run was asked for, and the server has not said that it runs. */
    this.asked = false;
    this.mayCatchUp = false;
  }

  /** What the reader sees happening: the value of data-state. */
  get state() {
    return this.fresh && this.job.status.state !== "failed" ? "loading" : this.job.state;
  }

  // --- The channel --------------------------------------------------------------------------

  /**
   * Changes over to another job; the old one stays in view until the new view is here.
   * @param {string} token
   */
  follow(token) {
    this.channel?.close();
    this.#await(token);
    this.channel = this.connect(token, {
      open: () => this.#opened(),
      text: (message) => this.take(message),
      frame: (buffer) => this.takeFrame(buffer),
      broken: () => this.#setLink(BROKEN),
      lost: (broke) => this.#lost(broke),
      fallback: () => this.page.fallback(),
    }, this.polling);
    this.channel.start();
    this.page.changed();
  }

  /** @param {string} token */
  #await(token) {
    const { job } = this;
    this.playback.stop();
    this.renewing = "";
    this.token = token;
    this.fresh = true;
    if (job.status.state === "failed") job.status = { ...job.status, state: "loading", message: "" };
    this.awaited = { since: performance.now(), progress: 0, queue: null };
    this.link = this.polling.active ? POLLED : "";
  }

  /**
   * The job Python names; one that the socket has led away from is old news.
   * @param {string} token
   */
  show(token) {
    if (token !== this.token && !this.left.has(token)) this.follow(token);
  }

  /**
   * The server knows of a new job before the page does, and may send it over the same socket.
   * @param {Moved} message
   */
  #move({ token, stay }) {
    this.left.add(this.token);
    if (!stay) {
      this.follow(token);
      return;
    }
    this.#await(token);
    this.channel?.turnTo(token);
    this.page.changed();
  }

  leave() {
    this.ahead.leave();
    this.channel?.close();
  }

  /** @param {Asked} message */
  #send(message) {
    this.channel?.send(message);
  }

  #opened() {
    this.#setLink(this.channel?.polled ? POLLED : "");
    const held = this.fresh ? [] : this.job.stores;
    this.#send({
      type: "hello",
      view: !this.fresh,
      rows: [0, 1].map((source) => held[source]?.rows ?? 0),
      snapshots: [0, 1].map((source) => held[source]?.snapshotNumbers.size ?? 0),
    });
    if (this.fresh) return;
    this.#sendPace();
    if (this.playback.playing && !this.job.computed) this.#send({ type: "run" });
  }

  /** @param {string} words */
  #setLink(words) {
    if (this.link === words) return;
    this.link = words;
    if (words) this.page.speak(words);
    this.page.changed();
  }

  /** The connection is broken, and not for good. */
  get broken() {
    return this.link === BROKEN;
  }

  /** Whether a run is on the page, or was asked for. */
  get everRun() {
    return this.job.store.rows > 0 || this.playback.playing || this.job.stepping || this.wanted;
  }

  /** What was asked of a server that is no more is to be asked for again. */
  restarted() {
    this.wanted = false;
    this.playback.stop();
  }

  /**
   * The hub has dropped this job; a finished picture stays until something is asked of it.
   * @param {boolean} broke
   */
  #lost(broke) {
    this.gone = this.token;
    this.wanted ||= this.playback.playing && !this.job.computed;
    this.page.gone(broke);
    if (!this.job.judged || this.fresh) this.#renew("by itself");
  }

  /**
   * Asks Python for the job anew; `renewing` says who wanted that until the new one is named.
   * @param {"reader" | "by itself"} who
   */
  #renew(who) {
    this.renewing = who;
    if (this.token !== null) this.page.lost(this.token);
  }

  // --- What the server says -----------------------------------------------------------------

  /** @param {Answer} message */
  take(message) {
    if (message.type === "view") this.#takeView(message);
    else if (message.type === "status") {
      this.page.heard(message);
      this.#takeStatus(message);
    } else if (message.type === "moved") this.#move(message);
    else if (message.type === "unmoved") this.ahead.painted();
    else if (message.type === "judgement") {
      const { job } = this;
      job.judgement = message;
      if (!job.computed) job.status = { ...job.status, state: "done" };
      this.page.moving();
    }
  }

  /** @param {View} view */
  #takeView(view) {
    if (this.fresh) {
      this.fresh = false;
      this.job = new Job(this.playback, this.token, this.awaited.since);
      this.playback.reset(view.rows_total);
      this.mayCatchUp = !this.wanted;
      this.page.newJob();
      this.#sendPace();
      const run = /** @type {string} */ (this.token);
      this.page.painted(() => {
        this.#send({ type: "painted", run });
        this.ahead.painted();
      });
    }
    if (view.rows_total !== this.playback.rowsTotal) {
      this.playback.rowsTotal = view.rows_total;
      this.#sendPace();
    }
    const { status } = this.job;
    this.job.view = view;
    if (view.complete && status.state === "loading") status.state = "ready";
    this.page.view(view);
    this.#runIfWanted();
  }

  /** @param {Pick<Status, "state" | "message" | "progress"> & Partial<Status>} message */
  #takeStatus({ state, message, progress, stopped_at: stoppedAt = null, queue = null, refused = false }) {
    const { job, playback } = this;
    const now = state === "predicting" ? "loading" : state;
    if (now === "failed" && refused && this.token !== null) this.page.refused(this.token);
    if (this.fresh) {
      this.awaited = { ...this.awaited, progress, queue };
      if (now === "failed") job.status = { ...job.status, state: "failed", message };
      this.page.changed();
      return;
    }
    job.status = { state: now, message, progress, stoppedAt, queue };
    this.#catchUp(now);
    if (now === "running") this.asked = false;
    const starved = playback.row >= job.store.rows;
    const unseen = message !== "" && !document.hidden; // a slow page was taken for a hidden one
    if (now === "paused" && playback.playing && unseen) this.touch();
    else if (now === "paused" && playback.playing && starved && !this.asked) playback.stop();
    if (now === "failed") playback.stop();
    this.#runIfWanted();
    this.page.changed();
    this.page.moving();
  }

  /**
   * A page opened on a run that is already there shows it at once, and goes on from there.
   * @param {JobStatus["state"]} state
   */
  #catchUp(state) {
    if (!this.mayCatchUp) return;
    this.mayCatchUp = false;
    if (state !== "running" && state !== "paused" && !this.job.computed) return;
    this.playback.catchingUp = true;
    if (state !== "paused") this.playback.start();
  }

  #runIfWanted() {
    const { judged, status: { state } } = this.job;
    if (!this.wanted || this.fresh || judged || state === "loading" || state === "failed") return;
    this.wanted = false;
    this.run();
  }

  /**
   * A binary frame; what is held is acknowledged in any case.
   * @param {ArrayBuffer} buffer
   */
  takeFrame(buffer) {
    const frame = decoded(buffer);
    const { source, run, state, error } = frame.header;
    const { job, token } = this;
    if (this.fresh || token === null || run !== token) return;
    const store = job.stores[source];
    store.append(frame);
    if (job.stepping && this.playback.step(job.store.rows)) job.stepping = false;
    const held = { rows: store.rows, snapshots: store.snapshotNumbers.size };
    this.#send({ type: "ack", run: token, source, ...held, head: this.playback.row });
    if (state !== job.status.state && !job.computed) this.#takeStatus({ state, message: error, progress: 1 });
    this.page.moving();
  }

  // --- What a reader may ask for ------------------------------------------------------------

  /** Runs, or remembers to as soon as the prediction is here. */
  run() {
    if (this.fresh) {
      this.wanted = true;
      return;
    }
    this.job.scrubTime = null;
    this.job.hiddenPause = false;
    this.mayCatchUp = false;
    this.asked = true;
    this.playback.start();
    this.#sendPace();
    this.#send({ type: "run" });
    this.page.speak("running");
    this.page.changed();
    this.page.moving();
  }

  pause(words = "paused") {
    this.playback.stop();
    this.playback.catchingUp = false;
    this.#send({ type: "pause" });
    this.touch();
    this.page.speak(words);
    this.page.moving();
    this.page.changed();
  }

  /** One record further; computed first if it is not here yet. */
  step() {
    if (this.fresh) return;
    this.job.scrubTime = null;
    this.mayCatchUp = false;
    this.playback.stop();
    if (!this.playback.step(this.job.store.rows)) {
      this.job.stepping = true;
      this.#send({ type: "step" });
    }
    this.page.changed();
    this.page.moving();
  }

  /** Back to the start with the same settings; `run` begins again as soon as it can. */
  reset({ run = false } = {}) {
    this.wanted = run;
    this.playback.stop();
    if (this.gone === this.token || !this.channel?.open) this.#renew("reader");
    else this.#send({ type: "reset", run: this.token ?? "" });
    this.page.changed();
  }

  cancel() {
    this.#send({ type: "cancel" });
  }

  /** @type {Ahead["moved"]} of a knob of the page, of which Python hears too, a while later */
  moveKnob(knob, value, then) {
    return this.ahead.moved(knob, value, then);
  }

  /** @param {string} pace one of PACES */
  setPace(pace) {
    this.playback.pace = pace;
    this.#sendPace();
    this.page.moving();
  }

  /**
   * Moves the cursor of every panel to a time already played.
   * @param {number} time
   */
  scrub(time) {
    if (this.playback.playing) this.pause();
    this.job.scrub(time);
    this.page.moving();
  }

  /** The thumb is let go. */
  release() {
    this.job.scrubbing = false;
    this.page.moving();
  }

  touch() {
    // Also while its prediction is awaited: a job nobody touches is given no time.
    if (!document.hidden) this.#send({ type: "touch", head: this.fresh ? 0 : this.playback.row });
  }

  #sendPace() {
    this.#send({ type: "pace", rows_per_second: this.playback.rate });
  }

  /**
   * The last row of a finished run is on screen: the verdicts may be seen.
   * @param {number} now
   */
  ended(now) {
    const { job } = this;
    if (job.judged || !job.played) return;
    if (!job.mayBeJudged(now)) {
      setTimeout(() => this.page.moving(), 100);
      return;
    }
    this.playback.stop();
    this.playback.catchingUp = false;
    job.judged = true;
    if (job.judgement) this.page.judged(job.judgement);
    this.page.changed();
  }
}
