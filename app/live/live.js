// The live part of a page: from "Prediction" down to "Keep". Python gives a token, the socket the rest.

import { Bar } from "./bar.js";
import { Channel } from "./channel.js";
import { Claims } from "./claims.js";
import { dress, modeOf } from "./colours.js";
import { decoded, Store } from "./frames.js";
import { Keep } from "./keep.js";
import { Panels } from "./panels.js";
import { Playback } from "./playback.js";
import { Prediction } from "./prediction.js";
import { shortcuts } from "./shortcuts.js";
import { element } from "./words.js";

const BASE = new URL("../../", import.meta.url);
const FINAL = new Set(["done", "stopped"]);
const REDRAW_MS = 90;
const REDRAW_CALM_MS = 500;
const HIDDEN_PAUSE_MS = 3000;
const JUDGEMENT_PATIENCE_MS = 6000;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const coarse = matchMedia("(pointer: coarse)");

const instances = new WeakMap();

/** Streamlit calls this at every mount and rerun; the drawing stays, only the data are new. */
export default async function mount(component) {
  const shadow = component.parentElement;
  let live = instances.get(shadow);
  if (!live) {
    live = new Live(shadow);
    instances.set(shadow, live);
  }
  live.receive(component);
  return () => setTimeout(() => live.leaveIfGone(), 0);
}

class Live {
  constructor(shadow) {
    this.shadow = shadow;
    this.host = shadow.host ?? shadow;
    this.playback = new Playback();
    this.theory = true;
    this.page = { palette: {} };
    this.prediction = new Prediction({ seeWhy: (event) => this.#seeWhy(event) });
    this.panels = new Panels(BASE, {
      save: (panel) => this.keep.save(panel),
      failed: (error) => this.prediction.setNotice(`${error.message}; reload the page.`),
    });
    this.bar = new Bar({
      run: () => this.toggle(),
      step: () => this.step(),
      reset: () => this.reset(),
      pace: (value) => this.setPace(value),
      scrub: (time) => this.scrub(time),
      release: () => {},
    });
    this.claims = new Claims();
    this.voice = element("div", { class: "unseen", "aria-live": "polite" });
    this.keep = new Keep(BASE, () => this.#keepSource(), (words) => this.#speak(words));
    this.bar.pace.value = this.playback.pace;
    this.#forget();
    this.root = element("div", { class: "lmx", "data-state": "loading", "data-rows": "0" },
      ...this.prediction.nodes, this.panels.node, this.bar.node, this.claims.node, this.keep.node, this.voice);
    this.root.hidden = true;
    const styles = element("link", { rel: "stylesheet", href: new URL("live.css", import.meta.url) });
    styles.onload = styles.onerror = () => {
      this.root.hidden = false;
      this.#draw(true);
    };
    shadow.append(styles, this.root);
    this.stopListening = shortcuts(this.root, {
      " ": () => this.toggle(),
      ArrowRight: () => this.step(),
      t: () => this.toggleTheory(),
    });
    this.onVisibility = () => this.#visibility();
    document.addEventListener("visibilitychange", this.onVisibility);
    this.onCalm = () => this.#draw(true);
    calm.addEventListener("change", this.onCalm);
    this.seconds = setInterval(() => this.#everySecond(), 1000);
    this.touches = setInterval(() => this.playback.playing && this.#touch(), 250);
  }

  #forget() {
    this.view = null;
    this.stores = [new Store(), new Store()];
    this.job = { state: "loading", message: "", progress: 0 };
    this.judgement = null;
    this.judged = false;
    this.scrubTime = null;
    this.stepping = false;
    this.since = performance.now();
    this.link = "";
    this.hiddenPause = false;
  }

  // --- Python -------------------------------------------------------------------------------

  receive({ data, setStateValue, setTriggerValue }) {
    this.setStateValue = setStateValue;
    this.setTriggerValue = setTriggerValue;
    this.page = data?.page ?? this.page;
    if (this.page.theory !== undefined && this.page.theory !== this.pageTheory) {
      this.pageTheory = this.page.theory;
      this.theory = this.page.theory;
    }
    this.#dress();
    if (data?.token && data.token !== this.givenToken) {
      this.givenToken = data.token;
      this.#follow(data.token);
    }
    this.#takeReply(data?.reply);
    if (this.view) this.keep.show(this.view, this.token);
  }

  /** Where no WebSocket opens, Python carries the messages; each reply is taken once. */
  #takeReply(reply) {
    if (!reply || reply.token !== this.token || reply.n === this.replyTaken) return;
    this.replyTaken = reply.n;
    for (const frame of reply.frames ?? []) {
      this.#frame(Uint8Array.from(atob(frame), (character) => character.charCodeAt(0)).buffer);
    }
    for (const message of reply.messages ?? []) this.#message(message);
  }

  #dress() {
    const mode = modeOf(this.host);
    const palette = this.page.palette?.[mode] ?? {};
    dress(this.root, palette, mode);
    this.root.classList.toggle("projector", Boolean(this.page.projector));
    const look = { palette, mode, token: this.token, theory: this.theory, projector: this.page.projector, coarse: coarse.matches };
    const key = JSON.stringify(look);
    if (key === this.lookKey) return;
    this.lookKey = key;
    this.panels.dress(look);
    this.root.dataset.theory = this.theory ? "on" : "off";
    this.#draw(true);
  }

  leaveIfGone() {
    if (this.host.isConnected) return;
    this.channel?.close();
    this.panels.leave();
    this.bar.leave();
    this.stopListening();
    document.removeEventListener("visibilitychange", this.onVisibility);
    calm.removeEventListener("change", this.onCalm);
    clearInterval(this.seconds);
    clearInterval(this.touches);
    cancelAnimationFrame(this.frameRequest);
    instances.delete(this.shadow);
  }

  // --- The socket ---------------------------------------------------------------------------

  #follow(token) {
    this.channel?.close();
    this.token = token;
    const fallback = this.channel?.polling ?? false;
    this.fresh = true;
    this.next = { since: performance.now() };
    this.channel = new Channel(BASE, token, {
      open: () => this.#opened(),
      text: (message) => this.#message(message),
      frame: (buffer) => this.#frame(buffer),
      broken: () => this.#setLink("reconnecting; the run waits"),
      lost: () => this.#lost(),
      fallback: () => {
        this.setStateValue("fallback", true);
        this.#speak("no live connection here; the picture follows twice a second");
      },
      poll: (messages) => this.setTriggerValue("send", { token: this.token, messages }),
    }, fallback);
    this.#show();
  }

  #opened() {
    this.#setLink(this.channel.polling ? "no live connection here: the picture follows twice a second" : "");
    const empty = this.fresh;
    this.channel.send({
      type: "hello",
      view: !empty,
      rows: this.stores.map((store) => (empty ? 0 : store.rows)),
      snapshots: this.stores.map((store) => (empty ? 0 : store.snapshotNumbers.size)),
    });
    this.#sendPace();
    if (this.playback.playing && !empty && !FINAL.has(this.job.state)) this.channel.send({ type: "run" });
  }

  #setLink(words) {
    this.link = words;
    this.#show();
  }

  #lost() {
    if (this.judged && !this.wanted) return;
    this.setStateValue("lost", this.token);
  }

  #message(message) {
    if (message.type === "view") this.#takeView(message);
    else if (message.type === "status") this.#status(message);
    else if (message.type === "judgement") this.#takeJudgement(message);
    else if (message.type === "moved") this.#follow(message.token);
  }

  #takeView(view) {
    if (this.fresh) {
      this.fresh = false;
      this.#forget();
      this.playback.reset(view.rows_total);
      this.mayCatchUp = !this.wanted;
      this.claims.show(view);
      this.prediction.setNotice("");
      this.prediction.unjudge();
    } else if (!this.judged && JSON.stringify(view.claims) !== JSON.stringify(this.view?.claims)) {
      this.claims.show(view);
    }
    this.view = view;
    this.playback.rowsTotal = view.rows_total;
    this.root.dataset.run = this.token;
    this.prediction.show(view);
    if (this.judged) this.prediction.judge(this.judgement);
    this.panels.show(view.panels);
    this.bar.show(view);
    this.keep.show(view, this.token);
    this.lookKey = "";
    this.#dress();
    if (view.complete && this.job.state === "loading") this.job.state = "ready";
    this.#runIfWanted();
    this.#draw(true);
  }

  #status({ state, message, progress, stopped_at: stoppedAt }) {
    const job = state === "predicting" ? "loading" : state;
    if (this.fresh) {
      this.next = { ...this.next, job, progress, message };
      this.#show();
      return;
    }
    if (job === "loading" && this.job.state !== "loading") this.since = performance.now();
    this.job = { state: job, message: message ?? "", progress: progress ?? 0, stoppedAt };
    this.#catchUp(job);
    if (job === "paused" && this.playback.playing && this.playback.row >= this.stores[0].rows) {
      if (!this.channel.polling && !this.asked) this.playback.stop();
    }
    if (job === "running") this.asked = false;
    this.#runIfWanted();
    this.#show();
    this.#go();
  }

  /** A page opened on a run that is already there shows it at once, and goes on from there. */
  #catchUp(job) {
    if (!this.mayCatchUp) return;
    this.mayCatchUp = false;
    if (FINAL.has(job) || job === "running" || job === "paused") this.playback.catchingUp = true;
    if (job === "running" || FINAL.has(job)) this.playback.start();
  }

  #runIfWanted() {
    if (this.wanted && this.job.state === "ready" && !this.fresh) {
      this.wanted = false;
      this.run();
    }
  }

  #frame(buffer) {
    const frame = decoded(buffer);
    const { header } = frame;
    if (header.run && header.run !== this.token) return;
    const source = header.source ?? 0;
    const store = this.stores[source];
    store.append(frame);
    if (this.stepping && this.playback.step(store.rows)) this.stepping = false;
    this.channel.send({
      type: "ack", source, rows: store.rows, snapshots: store.snapshotNumbers.size, head: this.playback.row,
    });
    if (header.state && header.state !== this.job.state && !FINAL.has(this.job.state)) {
      this.#status({ state: header.state, message: header.error, progress: 1 });
    }
    this.#go();
  }

  #takeJudgement(judgement) {
    this.judgement = judgement;
    this.#go();
  }

  // --- Commands -----------------------------------------------------------------------------

  get state() {
    if (!this.view) return this.job.state === "failed" ? "failed" : "loading";
    const { state } = this.job;
    if (state === "failed") return "failed";
    if (this.judged) return state === "stopped" ? "stopped" : "done";
    if (this.playback.playing) return "running";
    if (this.playback.head > 0 || state === "paused" || state === "running" || FINAL.has(state)) return "paused";
    return state;
  }

  toggle() {
    const { state } = this;
    if (state === "running") this.pause();
    else if (FINAL.has(state)) this.again();
    else if (state !== "failed" && !this.bar.run.disabled) this.run();
  }

  run() {
    this.scrubTime = null;
    this.hiddenPause = false;
    this.mayCatchUp = false;
    this.asked = true;
    this.playback.start();
    this.#sendPace();
    this.channel.send({ type: "run" });
    this.#speak("running");
    this.#show();
    this.#go();
  }

  pause(words = "paused") {
    this.playback.stop();
    this.channel.send({ type: "pause" });
    this.#touch();
    this.#speak(words);
    this.#draw(true);
  }

  step() {
    if (this.bar.step.disabled) return;
    this.scrubTime = null;
    this.playback.stop();
    if (!this.playback.step(this.stores[0].rows)) {
      this.stepping = true;
      this.channel.send({ type: "step" });
    }
    this.#draw(true);
    this.#go();
  }

  reset() {
    this.wanted = false;
    this.playback.stop();
    this.#restart();
  }

  again() {
    this.wanted = true;
    this.#restart();
  }

  #restart() {
    if (this.channel.open) this.channel.send({ type: "reset" });
    else this.setStateValue("lost", this.token);
  }

  cancel() {
    this.channel.send({ type: "cancel" });
  }

  setPace(value) {
    this.playback.pace = value;
    this.#sendPace();
    this.#go();
  }

  scrub(time) {
    if (this.playback.playing) this.pause();
    const store = this.stores[0];
    const known = store.value("time", Math.max(0, this.playback.row - 1));
    this.scrubTime = Math.min(time, known);
    this.#draw(true);
  }

  toggleTheory() {
    this.theory = !this.theory;
    this.#dress();
    this.#speak(this.theory ? "theory shown" : "theory hidden");
  }

  #sendPace() {
    this.channel.send({ type: "pace", rows_per_second: this.playback.rate });
  }

  #touch() {
    if (!document.hidden && !this.fresh) this.channel?.send({ type: "touch", head: this.playback.row });
  }

  // --- Playing ------------------------------------------------------------------------------

  #go() {
    this.frameRequest ??= requestAnimationFrame((now) => this.#tick(now));
  }

  #tick(now) {
    this.frameRequest = null;
    if (!this.view || !this.host.isConnected) return;
    const held = this.stores[0].rows;
    this.playback.tick(now, held);
    const interval = calm.matches ? REDRAW_CALM_MS : Math.max(REDRAW_MS, 2 * (this.drawCost ?? 0));
    if (now - (this.drawnAt ?? -Infinity) >= interval) this.#draw();
    const played = held > 0 && this.playback.row >= held;
    if (played && FINAL.has(this.job.state) && this.drawnRow === held) this.#end(now);
    else if (played && this.playback.catchingUp && !FINAL.has(this.job.state)) this.playback.catchingUp = false;
    if (this.playback.playing || this.playback.catchingUp || this.drawnRow !== this.playback.row) this.#go();
  }

  /** Playback has reached the last row of a finished run: the verdicts may be seen. */
  #end(now) {
    this.endedAt ??= now;
    if (!this.judgement && now - this.endedAt < JUDGEMENT_PATIENCE_MS) {
      if (!this.playback.playing) setTimeout(() => this.#go(), 100);
      return;
    }
    this.endedAt = null;
    this.playback.stop();
    this.playback.catchingUp = false;
    if (this.judged) return;
    this.judged = true;
    if (this.judgement) {
      this.panels.extend(this.judgement.axes);
      this.claims.judge(this.judgement, { still: calm.matches, steps: this.stores[0].value("step", this.stores[0].rows - 1) });
      this.prediction.judge(this.judgement);
      this.#speak(this.claims.spoken(this.judgement));
    }
    this.#draw(true);
  }

  #draw(force = false) {
    if (!this.root) return;
    if (!this.view) {
      this.#show();
      return;
    }
    const began = performance.now();
    const store = this.stores[0];
    const rows = this.playback.row;
    const complete = FINAL.has(this.job.state) && rows >= store.rows;
    const time = rows ? store.value("time", rows - 1) : 0;
    const cursorTime = this.scrubTime ?? time;
    const cursorRow = Math.max(0, store.rowsUntil(cursorTime) - 1);
    const cursorStep = rows ? store.value("step", cursorRow) : 0;
    this.panels.draw({
      stores: this.stores, rows, complete, time, cursorTime, cursorStep,
      cursor: rows > 0 && (!this.judged || this.scrubTime !== null),
      key: `${rows} ${this.stores[1].rows} ${complete} ${this.scrubTime}`,
    });
    this.bar.at(cursorTime, cursorStep, time);
    this.prediction.setRun(rows > 0);
    this.root.dataset.rows = String(rows);
    this.drawnRow = rows;
    this.#show();
    if (!force) {
      this.drawnAt = performance.now();
      this.drawCost = this.drawnAt - began;
    }
  }

  #show() {
    const { state } = this;
    this.root.dataset.state = state;
    this.bar.state(state, { hurry: false, rows: this.playback.row });
    if (!this.judged) this.claims.before(state);
    const { message, stoppedAt } = this.job;
    if (state === "failed" || this.job.state === "stopped") {
      this.prediction.setNotice(message || (stoppedAt ? `stopped at step ${stoppedAt}` : ""));
    }
    this.#statusWords(state);
  }

  #statusWords(state) {
    const seeds = this.view?.seeds ?? 1;
    const waited = Math.floor((performance.now() - (this.fresh ? this.next.since : this.since)) / 1000);
    const predicting = this.fresh || state === "loading";
    if (this.link) this.prediction.setStatus(this.link, { tone: "departs" });
    else if (predicting && this.token) {
      const slow = waited >= 1;
      const progress = this.fresh ? this.next.progress : this.job.progress;
      const words = slow || !this.view ? `computing the prediction${slow ? `, ${waited} s` : ""}` : "";
      this.prediction.setStatus(words, {
        progress: slow ? (progress ?? 0) : null,
        cancel: slow && !this.fresh ? () => this.cancel() : null,
        hurry: slow && !this.fresh && this.view ? () => this.run() : null,
      });
    } else if (state === "running") this.prediction.setStatus(seeds > 1 ? `running, all ${seeds} seeds` : "running", { tone: "accent" });
    else if (state === "paused") this.prediction.setStatus(this.hiddenPause ? "paused while this tab was hidden" : "paused", { tone: "accent" });
    else if (this.judged && this.judgement) {
      if (this.prediction.statusKey !== null) this.prediction.judge(this.judgement);
    } else this.prediction.setStatus("");
  }

  // --- The tab ------------------------------------------------------------------------------

  #visibility() {
    if (document.hidden) {
      this.hiddenAt = performance.now();
      return;
    }
    const away = performance.now() - (this.hiddenAt ?? performance.now());
    this.playback.lastTick = null;
    if (this.playback.playing && away > HIDDEN_PAUSE_MS && !FINAL.has(this.job.state)) {
      this.hiddenPause = true;
      this.pause("paused while this tab was hidden");
    }
    this.#touch();
    this.#go();
  }

  #everySecond() {
    if (!this.host.isConnected) {
      this.leaveIfGone();
      return;
    }
    this.#touch();
    if (this.fresh || this.state === "loading") this.#show();
  }

  #speak(words) {
    this.voice.textContent = words;
  }

  #seeWhy(event) {
    event.preventDefault();
    this.claims.headline.focus({ preventScroll: true });
    this.claims.node.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", block: "start" });
  }

  #keepSource() {
    const mode = this.root.dataset.mode;
    const name = `${location.pathname.split("/").pop() || "lmx"}-${(this.view?.hash ?? "").slice(0, 6)}`;
    return {
      keep: this.view?.keep ?? this.page.keep ?? {}, name,
      panels: this.panels.panels, Plotly: this.panels.Plotly, palette: this.page.palette?.[mode] ?? {},
    };
  }
}
