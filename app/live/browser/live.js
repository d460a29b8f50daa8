// The live part of a page: from "Prediction" down to "Keep". Python gives a token, the socket the rest.

import { Address } from "./dom/address.js";
import { Bar } from "./dom/bar.js";
import { Claims } from "./dom/claims.js";
import { readCommas } from "./dom/commas.js";
import { dress, modeOf } from "./panels/colours.js";
import { Keep } from "./dom/keep.js";
import { RESTARTED, UNREACHABLE, whyMissing, whyStopped } from "./dom/notices.js";
import { Panels } from "./panels/panels.js";
import { Prediction } from "./dom/prediction.js";
import { Presence } from "./session/presence.js";
import { Redraws } from "./panels/redraws.js";
import { Session } from "./session/session.js";
import { shortcuts } from "./dom/shortcuts.js";
import { Status } from "./dom/status.js";
import { Turns } from "./session/turns.js";
import { element } from "./dom/words.js";

/** @import { Given, Judgement, Page, Status as News, View } from "./session/messages.js" */
/** @import { KeepSource } from "./dom/types.js" */
/** @import { Look } from "./panels/types.js" */

/**
 * What Streamlit gives at every mount and rerun.
 * @typedef {object} Component
 * @property {ShadowRoot} parentElement
 * @property {Given} [data]
 * @property {(name: string, value: unknown) => void} setStateValue
 * @property {(name: string, value: unknown) => void} setTriggerValue
 */

const BASE = new URL("../../", import.meta.url);
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const coarse = matchMedia("(pointer: coarse)");
readCommas();
/** @type {WeakMap<ShadowRoot, Live>} */
const instances = new WeakMap();

/**
 * Streamlit calls this at every mount and rerun; the drawing stays, only the data are new.
 * @param {Component} component
 */
export default async function mount(component) {
  const shadow = component.parentElement;
  let live = instances.get(shadow);
  if (!live) {
    live = new Live(component);
    instances.set(shadow, live);
  }
  live.receive(component);
  const { leaveIfGone } = live;
  return () => setTimeout(leaveIfGone, 0);
}

class Live {
  /** @param {Component} component */
  constructor({ parentElement: shadow, setStateValue, setTriggerValue }) {
    this.shadow = shadow;
    this.host = shadow.host;
    this.setStateValue = setStateValue;
    this.setTriggerValue = setTriggerValue;
    /** @type {Page} */
    this.given = { palette: {} };
    /** The job that Python names: @type {string | null} */
    this.givenToken = null;
    /** The awaited job that Python was told has come: @type {string | null} */
    this.arrivedToken = null;
    this.theory = true;
    this.guess = false;
    /** Which time axis is chosen: @type {string | null} */
    this.times = null;
    this.restart = "";
    /** What Python was told once and need not hear again: @type {{ renewed?: number, costed?: string }} */
    this.told = {};
    /** What is drawn, and what the claims say: another key where that has changed. */
    this.lookKey = this.claimsKey = "";
    this.address = new Address();
    this.turns = new Turns(this.host);
    this.session = new Session(BASE, {
      newJob: () => this.#newJob(),
      view: (view) => this.#showView(view),
      changed: () => this.#show(),
      moving: () => this.redraws.go(),
      judged: (judgement) => this.#judge(judgement),
      speak: (words) => this.#speak(words),
      gone: (broke) => {
        if (broke) this.#restarted();
      },
      lost: (token) => this.#tell("lost", token),
      refused: (token) => this.#arrived(token),
      heard: (news) => this.#heard(news),
      fallback: () => this.#tell("fallback", true),
      whenIdle: (work) => this.turns.whenIdle(work),
      send: (payload) => this.setTriggerValue("send", payload),
    });
    const { session } = this;
    this.prediction = new Prediction({
      seeWhy: (event) => this.#seeWhy(event),
      times: (kind) => {
        this.times = kind;
        this.#dress();
      },
      guess: () => this.#toggle("guess"),
    });
    this.panels = new Panels(BASE, {
      save: (panel) => this.keep.save(panel),
      open: (cell) => {
        const link = session.job.view?.links[cell];
        if (link) location.assign(link);
      },
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
      missing: (reached) => this.#notice(reached ? whyMissing(session, this.restart !== "") : UNREACHABLE),
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
    this.redraws = new Redraws(session, calm, { isThere: () => this.host.isConnected, draw: () => this.#drawMoment() });
    this.presence = new Presence(session, { isBack: () => this.redraws.go(), everySecond: () => this.#everySecond() });
    const keys = { " ": () => this.toggle(), ArrowRight: () => this.#step(), t: () => this.#toggle("theory"), g: () => this.#toggle("guess") };
    this.stopKeys = shortcuts(this.root, keys);
    this.stop = new AbortController();
    calm.addEventListener("change", () => this.redraws.go(), { signal: this.stop.signal });
    this.#style();
  }

  /** Nothing is seen before its styles are here. */
  #style() {
    const styles = element("link", { rel: "stylesheet", href: new URL("live.css", import.meta.url) });
    styles.onload = styles.onerror = () => {
      this.root.hidden = false;
      this.redraws.draw();
    };
    this.shadow.append(styles, this.root);
  }

  // --- Python -------------------------------------------------------------------------------

  /** @param {Component} component */
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
    const { view } = this.session.job;
    if (view) this.keep.show(view, this.session.token);
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

  /** @param {string | null} token */
  #arrived(token) {
    if (token === this.arrivedToken) return;
    this.arrivedToken = token;
    this.#tell("arrived", token);
  }

  /**
   * The page is drawn again once its experiment's file was saved, or the cost of a run is known.
   * @param {News} news
   */
  #heard({ revision, cost }) {
    const { given, session, told } = this;
    if (revision > (given.revision ?? revision) && told.renewed !== revision) {
      told.renewed = revision;
      this.#tell("renewed", revision);
    }
    const { token } = session;
    const known = typeof cost.seconds === "number" && token !== null && token === this.givenToken;
    if (given.uncosted && known && told.costed !== token) {
      told.costed = token;
      this.#tell("costed", token);
    }
  }

  /**
   * @param {"lost" | "arrived" | "renewed" | "costed" | "fallback"} name
   * @param {unknown} value
   */
  #tell(name, value) {
    this.turns.whenIdle(() => this.setStateValue(name, value));
  }

  leaveIfGone = () => {
    if (this.host.isConnected) return;
    this.session.leave();
    this.panels.leave();
    this.prediction.leave();
    this.bar.leave();
    this.presence.leave();
    this.redraws.leave();
    this.stop.abort();
    this.stopKeys();
    this.turns.leave();
    this.address.leave();
    instances.delete(this.shadow);
  };

  // --- Drawing ------------------------------------------------------------------------------

  #dress() {
    const mode = modeOf(this.host);
    const palette = this.given.palette[mode] ?? {};
    const projector = Boolean(this.given.projector);
    const { theory, guess, times } = this;
    /** @type {Look} */
    const look = { palette, mode, projector, theory, guess, coarse: coarse.matches, times, token: this.session.job.token };
    const key = JSON.stringify(look);
    if (key === this.lookKey) return;
    this.lookKey = key;
    dress(this.root, palette, mode);
    this.root.classList.toggle("projector", projector);
    this.root.dataset.theory = this.theory ? "on" : "off";
    this.root.dataset.guess = this.guess ? "on" : "off";
    this.prediction.markTimes(this.times);
    this.prediction.markGuess(this.guess);
    this.panels.dress(look);
    this.redraws.draw();
  }

  #newJob() {
    this.claimsKey = "";
    this.prediction.setNotice(this.restart);
    this.prediction.unjudge();
    this.panels.contract();
  }

  /** @param {View} view */
  #showView(view) {
    const { session } = this;
    const { judged, judgement } = session.job;
    this.prediction.show(view);
    const claimsKey = JSON.stringify([view.claims, view.falsifier, view.seeds]);
    if (claimsKey !== this.claimsKey && !judged) this.claims.show(view);
    this.claimsKey = claimsKey;
    if (judged && judgement) this.prediction.judge(judgement);
    this.panels.show(view.panels);
    this.bar.show(view);
    this.keep.show(view, session.token);
    this.lookKey = "";
    this.#dress();
    this.#arrivedIfAwaited();
  }

  #drawMoment() {
    if (!this.session.job.view) return;
    const moment = this.session.job.moment();
    this.panels.draw(moment);
    this.bar.at(moment.cursorTime, moment.cursorStep, moment.time);
    this.prediction.setRun(moment.rows > 0);
    this.prediction.follow(moment);
    this.#show();
    this.root.dataset.rows = String(moment.rows);
  }

  /** @param {Judgement} judgement */
  #judge(judgement) {
    const { store } = this.session.job;
    this.panels.extend(judgement.axes, judgement.alts);
    this.claims.judge(judgement, { still: calm.matches, steps: store.value("step", store.rows - 1) });
    this.prediction.judge(judgement);
    this.#speak(this.claims.spoken(judgement));
    this.redraws.draw();
  }

  /** Words and buttons of the present state. */
  #show() {
    const { session } = this;
    const { state, job } = session;
    const { status } = job;
    this.root.dataset.state = state;
    if (session.token) this.root.dataset.run = session.token;
    this.root.classList.toggle("blank", !job.view);
    this.bar.state(state, { rows: session.playback.row, fresh: session.fresh });
    if (!job.judged && !session.fresh) this.claims.before(state);
    if (state === "failed" || (job.judged && status.state === "stopped")) this.prediction.setNotice(whyStopped(status));
    this.status.show();
    this.#arrivedIfAwaited();
  }

  /** @param {string} sentence */
  #notice(sentence) {
    this.prediction.setNotice(sentence);
    if (sentence) this.#speak(sentence);
  }

  // --- Reader -------------------------------------------------------------------------------

  toggle() {
    const { session } = this;
    if (this.bar.run.disabled) return;
    this.#forgetRestart();
    this.prediction.setNotice("");
    if (session.state === "running") session.pause();
    else if (session.job.judged) session.reset({ run: true });
    else session.run();
  }

  #step() {
    if (!this.bar.step.disabled) this.session.step();
  }

  #reset() {
    this.#forgetRestart();
    this.session.reset();
  }

  /** @param {"theory" | "guess"} what */
  #toggle(what) {
    if (what === "guess" && !this.prediction.guess.isConnected) return;
    this[what] = !this[what];
    this.#dress();
    this.#speak(`${what} ${this[what] ? "shown" : "hidden"}`);
  }

  #everySecond() {
    if (!this.host.isConnected) {
      this.leaveIfGone();
      return;
    }
    this.session.touch();
    if (this.session.state === "loading") this.#show();
  }

  /** @param {string} words */
  #speak(words) {
    this.voice.textContent = words;
  }

  /** @param {Event} event */
  #seeWhy(event) {
    event.preventDefault();
    this.claims.headline.focus({ preventScroll: true });
    this.claims.node.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", block: "start" });
  }

  /** @returns {KeepSource} */
  #keepSource() {
    return {
      keep: this.given.keep ?? {},
      name: this.session.job.view?.stem ?? "lmx",
      panels: this.panels.panels,
      Plotly: this.panels.Plotly,
      settle: () => this.panels.settle(),
      palette: this.given.palette[this.root.dataset.mode === "dark" ? "dark" : "light"] ?? {},
    };
  }
}
