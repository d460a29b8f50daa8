// The live part of a page: from "Prediction" down to "Keep". Python gives a token, the socket the rest.

import { Address } from "./address.js";
import { Bar } from "./bar.js";
import { Claims } from "./claims.js";
import { dress, modeOf } from "./colours.js";
import { Keep } from "./keep.js";
import { Panels } from "./panels.js";
import { Prediction } from "./prediction.js";
import { Session } from "./session.js";
import { shortcuts } from "./shortcuts.js";
import { Status } from "./status.js";
import { Turns } from "./turns.js";
import { element, whole } from "./words.js";

const BASE = new URL("../../", import.meta.url);
const REDRAW_MS = 90;
const REDRAW_CALM_MS = 500;
const TOUCH_MS = 1000;
const TOUCH_PLAYING_MS = 250;
const HIDDEN_PAUSE_MS = 3000;
const RESTARTED = "The server was restarted: press Run again.";
const NO_LONGER_HERE = "The server no longer has this run: press Run again.";
const NOT_YET = "The prediction is still being computed; its files come with it.";
const UNREACHABLE = "The server cannot be reached; try again.";
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
    this.given = { palette: {} };
    this.theory = true;
    this.times = null;
    this.restart = "";
    this.told = {};
    this.address = new Address();
    this.turns = new Turns(this.host);
    this.session = new Session(BASE, {
      newJob: () => this.#newJob(),
      view: (view) => this.#showView(view),
      changed: () => this.#show(),
      moving: () => this.#go(),
      judged: (judgement) => this.#judge(judgement),
      speak: (words) => this.#speak(words),
      gone: (broke) => broke && this.#restarted(),
      lost: (token) => this.#tell("lost", token),
      refused: (token) => this.#arrived(token),
      heard: (news) => this.#heard(news),
      fallback: () => this.#tell("fallback", true),
      whenIdle: (work) => this.turns.whenIdle(work),
      send: (payload) => this.setTriggerValue("send", payload),
    });
    this.#build();
    this.#listen();
  }

  #build() {
    const { session } = this;
    this.prediction = new Prediction({
      seeWhy: (event) => this.#seeWhy(event),
      times: (kind) => {
        this.times = kind;
        this.#dress();
      },
    });
    this.panels = new Panels(BASE, {
      save: (panel) => this.keep.save(panel),
      open: (cell) => session.view.links[cell] && location.assign(session.view.links[cell]),
      failed: (error) => this.prediction.setNotice(`${error.message}; reload the page.`),
    });
    this.bar = new Bar({
      run: () => this.toggle(),
      step: () => session.step(),
      reset: () => this.#reset(),
      pace: (value) => session.setPace(value),
      scrub: (time) => session.scrub(time),
      release: () => session.release(),
    });
    this.bar.pace.value = session.playback.pace;
    this.claims = new Claims();
    this.keep = new Keep(BASE, () => this.#keepSource(), {
      say: (words) => this.#speak(words),
      missing: (reached) => this.#notice(reached ? this.#whyMissing() : UNREACHABLE),
      fetched: () => this.prediction.notice === UNREACHABLE && this.#notice(""),
    });
    this.voice = element("div", { class: "unseen", "aria-live": "polite" });
    this.status = new Status(session, {
      prediction: this.prediction,
      panels: this.panels,
      speak: (words) => this.#speak(words),
    });
    const parts = [this.panels.node, this.bar.node, this.claims.node, this.keep.node, this.voice];
    const attributes = { class: "lmx", "data-state": "loading", "data-rows": "0", hidden: true };
    this.root = element("div", attributes, ...this.prediction.nodes, ...parts);
    const styles = element("link", { rel: "stylesheet", href: new URL("live.css", import.meta.url) });
    styles.onload = styles.onerror = () => {
      this.root.hidden = false;
      this.#draw();
    };
    this.shadow.append(styles, this.root);
  }

  #listen() {
    const stop = new AbortController();
    const { signal } = stop;
    document.addEventListener("visibilitychange", () => this.#visibility(), { signal });
    calm.addEventListener("change", () => this.#go(), { signal });
    const keys = { " ": () => this.toggle(), ArrowRight: () => this.#step(), t: () => this.#toggleTheory() };
    const stopKeys = shortcuts(this.root, keys);
    const timers = [
      setInterval(() => this.#everySecond(), TOUCH_MS),
      setInterval(() => this.session.playback.playing && this.session.touch(), TOUCH_PLAYING_MS),
    ];
    this.stopListening = () => {
      stop.abort();
      stopKeys();
      timers.forEach(clearInterval);
    };
  }

  // --- Python -------------------------------------------------------------------------------

  receive({ data, setStateValue, setTriggerValue }) {
    this.setStateValue = setStateValue;
    this.setTriggerValue = setTriggerValue;
    const before = this.given;
    this.given = data?.page ?? before;
    if (this.given.theory !== before.theory) this.theory = this.given.theory ?? true;
    this.address.correct(this.given.address?.values);
    this.#dress();
    const another = Boolean(before.server && this.given.server && this.given.server !== before.server);
    if (another && !this.restart && this.session.renewing !== "reader") this.#restarted();
    else if (data?.token !== this.givenToken && this.session.renewing !== "by itself") this.#forgetRestart();
    if (data?.token && data.token !== this.givenToken) {
      this.givenToken = data.token;
      this.session.show(data.token);
    }
    this.session.polling.take(data?.reply);
    this.#arrivedIfAwaited();
    if (this.session.view) this.keep.show(this.session.view, this.session.token);
  }

  /** Another process answers now, and knows nothing of what was run here. */
  #restarted() {
    if (!this.session.everRun) return;
    this.session.restarted();
    this.restart = RESTARTED;
    this.#notice(RESTARTED);
    this.#show();
  }

  /** The reader goes on from there. */
  #forgetRestart() {
    this.restart = "";
    if (this.prediction.notice === RESTARTED) this.prediction.setNotice("");
  }

  /** Python drew the page before these settings were prepared: it is drawn again now that they are. */
  #arrivedIfAwaited() {
    const { session, given } = this;
    if (!given.awaiting || session.token !== this.givenToken) return;
    if (!session.fresh || session.state === "failed") this.#arrived(session.token);
  }

  #arrived(token) {
    if (token === this.arrivedToken) return;
    this.arrivedToken = token;
    this.#tell("arrived", token);
  }

  /** The page is drawn again once its experiment's file was saved, or the cost of a run is known. */
  #heard({ revision, cost }) {
    const { given, session, told } = this;
    if (revision > (given.revision ?? revision) && told.renewed !== revision) {
      told.renewed = revision;
      this.#tell("renewed", revision);
    }
    if (given.uncosted && cost?.seconds != null && session.token === this.givenToken && told.costed !== session.token) {
      told.costed = session.token;
      this.#tell("costed", session.token);
    }
  }

  #tell(name, value) {
    this.turns.whenIdle(() => this.setStateValue(name, value));
  }

  leaveIfGone() {
    if (this.host.isConnected) return;
    this.session.leave();
    this.panels.leave();
    this.prediction.leave();
    this.bar.leave();
    this.stopListening();
    this.turns.leave();
    this.address.leave();
    cancelAnimationFrame(this.frameRequest);
    instances.delete(this.shadow);
  }

  // --- Drawing ------------------------------------------------------------------------------

  #dress() {
    const mode = modeOf(this.host);
    const palette = this.given.palette?.[mode] ?? {};
    const projector = Boolean(this.given.projector);
    const look = { palette, mode, projector, theory: this.theory, coarse: coarse.matches, times: this.times, token: this.session.drawnToken };
    const key = JSON.stringify(look);
    if (key === this.lookKey) return;
    this.lookKey = key;
    dress(this.root, palette, mode);
    this.root.classList.toggle("projector", projector);
    this.root.dataset.theory = this.theory ? "on" : "off";
    this.prediction.markTimes(this.times);
    this.panels.dress(look);
    this.#draw();
  }

  #newJob() {
    this.claimsKey = null;
    this.prediction.setNotice(this.restart);
    this.prediction.unjudge();
    this.panels.contract();
  }

  #showView(view) {
    const { session } = this;
    this.prediction.show(view);
    const claimsKey = JSON.stringify([view.claims, view.falsifier, view.seeds]);
    if (claimsKey !== this.claimsKey && !session.judged) this.claims.show(view);
    this.claimsKey = claimsKey;
    if (session.judged && session.judgement) this.prediction.judge(session.judgement);
    this.panels.show(view.panels);
    this.bar.show(view);
    this.keep.show(view, session.token);
    this.lookKey = null;
    this.#dress();
    this.#arrivedIfAwaited();
  }

  #go() {
    this.frameRequest ??= requestAnimationFrame((now) => this.#tick(now));
  }

  #tick(now) {
    this.frameRequest = null;
    const { session } = this;
    if (!session.view || !this.host.isConnected) return;
    const more = session.tick(now);
    const interval = calm.matches ? REDRAW_CALM_MS : Math.max(REDRAW_MS, 2 * (this.drawCost ?? 0));
    const resting = !session.playback.playing && !calm.matches;
    if (resting || now - (this.drawnAt ?? -Infinity) >= interval) {
      const began = performance.now();
      this.#draw();
      this.drawnAt = now;
      this.drawCost = performance.now() - began;
    }
    if (this.drawnRow === session.playback.row) session.ended(now);
    if (more || this.drawnRow !== session.playback.row) this.#go();
  }

  #draw() {
    if (!this.session.view) return;
    const moment = this.session.moment();
    this.panels.draw(moment);
    this.bar.at(moment.cursorTime, moment.cursorStep, moment.time);
    this.prediction.setRun(moment.rows > 0);
    this.prediction.follow(moment);
    this.drawnRow = moment.rows;
    this.#show();
    this.root.dataset.rows = String(moment.rows);
  }

  #judge(judgement) {
    const { store } = this.session;
    this.panels.extend(judgement.axes, judgement.alts);
    this.claims.judge(judgement, { still: calm.matches, steps: store.value("step", store.rows - 1) });
    this.prediction.judge(judgement);
    this.#speak(this.claims.spoken(judgement));
    this.#draw();
  }

  /** Words and buttons of the present state. */
  #show() {
    const { session } = this;
    const { state, job } = session;
    this.root.dataset.state = state;
    if (session.token) this.root.dataset.run = session.token;
    this.root.classList.toggle("blank", !session.view);
    this.bar.state(state, { rows: session.playback.row, fresh: session.fresh });
    if (!session.judged && !session.fresh) this.claims.before(state);
    if (state === "failed" || (session.judged && job.state === "stopped")) {
      const stopped = `stopped at step ${whole(job.stoppedAt ?? 0)}: the loss left the finite range; the curves up to there are kept`;
      this.prediction.setNotice(job.message || (job.state === "stopped" ? stopped : "the run failed; change a knob or press Reset"));
    }
    this.status.show();
    this.#arrivedIfAwaited();
  }

  #notice(sentence) {
    this.prediction.setNotice(sentence);
    if (sentence) this.#speak(sentence);
  }

  /** Why the server has no files of the job on the page. */
  #whyMissing() {
    const { session } = this;
    if (session.fresh) return NOT_YET;
    return session.gone === session.token && !this.restart ? NO_LONGER_HERE : RESTARTED;
  }

  // --- Reader -------------------------------------------------------------------------------

  toggle() {
    const { session } = this;
    if (this.bar.run.disabled) return;
    this.#forgetRestart();
    this.prediction.setNotice("");
    if (session.state === "running") session.pause();
    else if (session.judged) session.reset({ run: true });
    else session.run();
  }

  #step() {
    if (!this.bar.step.disabled) this.session.step();
  }

  #reset() {
    this.#forgetRestart();
    this.session.reset();
  }

  #toggleTheory() {
    this.theory = !this.theory;
    this.#dress();
    this.#speak(this.theory ? "theory shown" : "theory hidden");
  }

  #visibility() {
    const { session } = this;
    if (document.hidden) {
      this.hiddenAt = performance.now();
      return;
    }
    const away = performance.now() - (this.hiddenAt ?? performance.now());
    session.playback.lastTick = null;
    if (session.playback.playing && away > HIDDEN_PAUSE_MS && !session.computed) {
      session.hiddenPause = true;
      session.pause("paused while this tab was hidden");
    }
    session.touch();
    this.#go();
  }

  #everySecond() {
    if (!this.host.isConnected) {
      this.leaveIfGone();
      return;
    }
    this.session.touch();
    if (this.session.state === "loading") this.#show();
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
    const { view } = this.session;
    return {
      keep: view?.keep ?? this.given.keep ?? {},
      name: view?.stem ?? "lmx",
      panels: this.panels.panels,
      Plotly: this.panels.Plotly,
      settle: () => this.panels.settle(),
      palette: this.given.palette?.[this.root.dataset.mode] ?? {},
    };
  }
}
