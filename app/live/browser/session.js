// One job as the browser knows it: what it holds, how far it has played, what it may ask for.

import { Channel } from "./channel.js";
import { decoded, Store } from "./frames.js";
import { Playback } from "./playback.js";
import { Polling } from "./polling.js";

const FINAL = new Set(["done", "stopped"]);
const JUDGEMENT_PATIENCE_MS = 6000;
const BROKEN = "reconnecting; the run waits";
const POLLED = "no live connection here: the picture follows twice a second";

/**
 * No DOM in here. `page` is told: newJob(), view(view), changed(), moving(), judged(judgement),
 * gone(broke), speak(words); and carries to Python: lost(token), refused(token), fallback(), send(payload),
 * the last once whenIdle(work) lets it.
 */
export class Session {
  constructor(base, page) {
    this.base = base;
    this.page = page;
    this.playback = new Playback();
    this.polling = new Polling((payload) => page.send(payload), (work) => page.whenIdle(work));
    this.left = new Set();
    this.#forget();
  }

  #forget() {
    this.view = null;
    this.stores = [new Store(), new Store()];
    this.job = { state: "loading", message: "", progress: 0, stoppedAt: null, queue: null };
    this.judgement = null;
    this.judged = false;
    this.scrubTime = null;
    this.scrubbing = false;
    this.stepping = false;
    this.endedAt = null;
    this.hiddenPause = false;
    this.since = performance.now();
  }

  get store() {
    return this.stores[0];
  }

  /** The computing is over, whatever has been played of it. */
  get computed() {
    return FINAL.has(this.job.state);
  }

  /** What the reader sees happening: the value of data-state. */
  get state() {
    const { state } = this.job;
    if (state === "failed") return "failed";
    if (this.fresh || !this.view) return "loading";
    if (this.judged) return state === "stopped" ? "stopped" : "done";
    if (this.playback.playing) return "running";
    if (this.playback.head > 0 || state === "paused" || state === "running" || this.computed) return "paused";
    return state;
  }

  // --- The channel --------------------------------------------------------------------------

  /** Changes over to another job; the old one stays in view until the new view is here. */
  follow(token) {
    this.channel?.close();
    this.#await(token);
    this.channel = new Channel(this.base, token, {
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

  #await(token) {
    this.playback.stop();
    this.renewing = null;
    this.token = token;
    this.fresh = true;
    if (this.job.state === "failed") this.job = { ...this.job, state: "loading", message: "" };
    this.awaited = { since: performance.now(), progress: 0, queue: null };
    this.link = this.polling.active ? POLLED : "";
  }

  /** The job Python names; one that the socket has led away from is old news. */
  show(token) {
    if (token !== this.token && !this.left.has(token)) this.follow(token);
  }

  /** The server knows of a new job before the page does, and may send it over the same socket. */
  #move({ token, stay }) {
    this.left.add(this.token);
    if (!stay) {
      this.follow(token);
      return;
    }
    this.#await(token);
    this.channel.turnTo(token);
    this.page.changed();
  }

  leave() {
    this.channel?.close();
  }

  #opened() {
    this.#setLink(this.channel.polled ? POLLED : "");
    const held = this.fresh ? [] : this.stores;
    this.channel.send({
      type: "hello",
      view: !this.fresh,
      rows: [0, 1].map((source) => held[source]?.rows ?? 0),
      snapshots: [0, 1].map((source) => held[source]?.snapshotNumbers.size ?? 0),
    });
    if (this.fresh) return;
    this.#sendPace();
    if (this.playback.playing && !this.computed) this.channel.send({ type: "run" });
  }

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
    return this.store.rows > 0 || this.playback.playing || this.stepping || Boolean(this.wanted);
  }

  /** What was asked of a server that is no more is to be asked for again. */
  restarted() {
    this.wanted = false;
    this.playback.stop();
  }

  /** The hub has dropped this job; a finished picture stays until something is asked of it. */
  #lost(broke) {
    this.gone = this.token;
    this.wanted ||= this.playback.playing && !this.computed;
    this.page.gone(broke);
    if (!this.judged || this.fresh) this.#renew("by itself");
  }

  /** Asks Python for the job anew; `renewing` says who wanted that until the new one is named. */
  #renew(who) {
    this.renewing = who;
    this.page.lost(this.token);
  }

  /** A text message of the server. */
  take(message) {
    if (message.type === "view") this.#takeView(message);
    else if (message.type === "status") this.#takeStatus(message);
    else if (message.type === "moved") this.#move(message);
    else if (message.type === "judgement") {
      this.judgement = message;
      if (!this.computed) this.job = { ...this.job, state: "done" };
      this.page.moving();
    }
  }

  #takeView(view) {
    if (this.fresh) {
      this.fresh = false;
      this.drawnToken = this.token;
      const { since } = this.awaited;
      this.#forget();
      this.since = since;
      this.playback.reset(view.rows_total);
      this.mayCatchUp = !this.wanted;
      this.page.newJob();
      this.view = view;
      this.#sendPace();
    }
    if (view.rows_total !== this.playback.rowsTotal) {
      this.playback.rowsTotal = view.rows_total;
      this.#sendPace();
    }
    this.view = view;
    if (view.complete && this.job.state === "loading") this.job.state = "ready";
    this.page.view(view);
    this.#runIfWanted();
  }

  #takeStatus({ state, message, progress, stopped_at: stoppedAt, queue = null, refused = false, revision, cost }) {
    this.page.heard({ revision, cost });
    const job = state === "predicting" ? "loading" : state;
    if (job === "failed" && refused) this.page.refused(this.token);
    if (this.fresh) {
      this.awaited = { ...this.awaited, progress, queue };
      if (job === "failed") this.job = { ...this.job, state: "failed", message };
      this.page.changed();
      return;
    }
    this.job = { state: job, message: message ?? "", progress: progress ?? 0, stoppedAt, queue };
    this.#catchUp(job);
    if (job === "running") this.asked = false;
    const starved = this.playback.row >= this.store.rows;
    if (job === "paused" && this.playback.playing && starved && !this.asked) this.playback.stop();
    if (job === "failed") this.playback.stop();
    this.#runIfWanted();
    this.page.changed();
    this.page.moving();
  }

  /** A page opened on a run that is already there shows it at once, and goes on from there. */
  #catchUp(job) {
    if (!this.mayCatchUp) return;
    this.mayCatchUp = false;
    if (job !== "running" && job !== "paused" && !FINAL.has(job)) return;
    this.playback.catchingUp = true;
    if (job !== "paused") this.playback.start();
  }

  #runIfWanted() {
    if (!this.wanted || this.fresh || this.job.state !== "ready") return;
    this.wanted = false;
    this.run();
  }

  /** A binary frame; what is held is acknowledged in any case. */
  takeFrame(buffer) {
    const frame = decoded(buffer);
    const { header } = frame;
    if (this.fresh || (header.run && header.run !== this.token)) return;
    const source = header.source ?? 0;
    const store = this.stores[source];
    store.append(frame);
    if (this.stepping && this.playback.step(this.store.rows)) this.stepping = false;
    const held = { rows: store.rows, snapshots: store.snapshotNumbers.size };
    this.channel.send({ type: "ack", run: this.token, source, ...held, head: this.playback.row });
    if (header.state && header.state !== this.job.state && !this.computed) {
      this.#takeStatus({ state: header.state, message: header.error, progress: 1 });
    }
    this.page.moving();
  }

  // --- What a reader may ask for ------------------------------------------------------------

  /** Runs, or remembers to as soon as the prediction is here. */
  run() {
    if (this.fresh) {
      this.wanted = true;
      return;
    }
    this.scrubTime = null;
    this.hiddenPause = false;
    this.mayCatchUp = false;
    this.asked = true;
    this.playback.start();
    this.#sendPace();
    this.channel.send({ type: "run" });
    this.page.speak("running");
    this.page.changed();
    this.page.moving();
  }

  pause(words = "paused") {
    this.playback.stop();
    this.playback.catchingUp = false;
    this.channel.send({ type: "pause" });
    this.touch();
    this.page.speak(words);
    this.page.moving();
    this.page.changed();
  }

  /** One record further; computed first if it is not here yet. */
  step() {
    if (this.fresh) return;
    this.scrubTime = null;
    this.mayCatchUp = false;
    this.playback.stop();
    if (!this.playback.step(this.store.rows)) {
      this.stepping = true;
      this.channel.send({ type: "step" });
    }
    this.page.changed();
    this.page.moving();
  }

  /** Back to the start with the same settings; `run` begins again as soon as it can. */
  reset({ run = false } = {}) {
    this.wanted = run;
    this.playback.stop();
    if (this.gone === this.token || !this.channel.open) this.#renew("reader");
    else this.channel.send({ type: "reset" });
    this.page.changed();
  }

  cancel() {
    this.channel.send({ type: "cancel" });
  }

  setPace(pace) {
    this.playback.pace = pace;
    this.#sendPace();
    this.page.moving();
  }

  /** Moves the cursor of every panel to a time already played. */
  scrub(time) {
    if (this.playback.playing) this.pause();
    const played = this.store.value("time", Math.max(0, this.playback.row - 1));
    this.scrubTime = Math.min(time, played);
    this.scrubbing = true;
    this.page.moving();
  }

  /** The thumb is let go. */
  release() {
    this.scrubbing = false;
    this.page.moving();
  }

  touch() {
    // Also while its prediction is awaited: a job nobody touches is given no time.
    if (!document.hidden) this.channel?.send({ type: "touch", head: this.fresh ? 0 : this.playback.row });
  }

  #sendPace() {
    this.channel?.send({ type: "pace", rows_per_second: this.playback.rate });
  }

  // --- Playing ------------------------------------------------------------------------------

  /** Moves the clock; true while there is more to come. */
  tick(now) {
    const { playback } = this;
    playback.tick(now, this.store.rows);
    if (playback.catchingUp && playback.row >= this.store.rows && this.store.rows && !this.computed) {
      playback.catchingUp = false;
    }
    return playback.playing || playback.catchingUp;
  }

  /** The last row of a finished run is on screen: the verdicts may be seen. */
  ended(now) {
    if (this.judged || !this.computed || !this.store.rows || this.playback.row < this.store.rows) return;
    this.endedAt ??= now;
    if (!this.judgement && now - this.endedAt < JUDGEMENT_PATIENCE_MS) {
      setTimeout(() => this.page.moving(), 100);
      return;
    }
    this.playback.stop();
    this.playback.catchingUp = false;
    this.judged = true;
    if (this.judgement) this.page.judged(this.judgement);
    this.page.changed();
  }

  /** What the panels draw now. */
  moment() {
    const { store } = this;
    const rows = this.playback.row;
    const time = rows ? store.value("time", rows - 1) : 0;
    const cursorRow = Math.max(0, store.rowsUntil(this.scrubTime ?? time) - 1);
    const cursorTime = rows ? store.value("time", cursorRow) : 0;
    const complete = this.computed && rows >= store.rows;
    return {
      stores: this.stores,
      rows,
      complete,
      time,
      cursorTime,
      cursorStep: rows ? store.value("step", cursorRow) : 0,
      moving: this.playback.playing || this.playback.catchingUp || this.scrubbing,
      cursor: rows > 0 && (!this.judged || this.scrubTime !== null),
      key: `${this.drawnToken} ${rows} ${this.stores[1].rows} ${complete} ${this.scrubTime}`,
    };
  }
}
