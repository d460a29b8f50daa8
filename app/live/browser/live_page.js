// A page from the presets down to "Keep": its parts, what they ask of the session, and what it tells them.

import { afterPaint } from "./dom/after_paint.js";
import { Alone } from "./dom/alone.js";
import { Bar } from "./dom/bar.js";
import { Claims } from "./dom/claims.js";
import { modeOf } from "./panels/colours.js";
import { FieldNames } from "./dom/field_names.js";
import { Guessing } from "./dom/guessing.js";
import { Keep } from "./dom/keep.js";
import { Knobs } from "./dom/knobs.js";
import { Looks } from "./dom/looks.js";
import { RESTARTED, UNREACHABLE, whyMissing, whyStopped } from "./dom/notices.js";
import { Paper } from "./dom/paper.js";
import { Pins } from "./pins.js";
import { overlaid } from "./panels/pinned.js";
import { Panels } from "./panels/panels.js";
import { chosen } from "./panels/chosen.js";
import { Projector } from "./dom/projector.js";
import { Prediction } from "./dom/prediction.js";
import { Presets } from "./dom/presets.js";
import { Presence } from "./session/presence.js";
import { Redraws } from "./panels/redraws.js";
import { Session } from "./session/session.js";
import { shortcuts } from "./dom/shortcuts.js";
import { Stage } from "./dom/stage.js";
import { Status } from "./dom/status.js";
import { SERVER } from "./supplies.js";
import { Transport } from "./dom/transport.js";
import { Python } from "./session/python.js";
import { Turns } from "./session/turns.js";
import { element } from "./dom/words.js";

/** @import { Component } from "./mounting.js" */
/** @import { Judgement, View } from "./session/messages.js" */
/** @import { Page } from "./session/page.js" */
/** @import { KeepSource } from "./dom/types.js" */
/** @import { Mode } from "./panels/types.js" */
/** @import { Supplies } from "./supplies.js" */

const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** The live part of a page. Where it is mounted calls `receive`, and `leaveIfGone` once that is taken away. */
export class LivePage {
  /**
   * @param {Component} component
   * @param {() => void} left is told that it has left
   * @param {Supplies} supplies
   */
  constructor({ parentElement: shadow, setStateValue, setTriggerValue }, left, supplies = SERVER) {
    this.left = left;
    this.host = shadow.host;
    /** @type {Page} */
    this.given = { palette: {} };
    /** The job that Python names: @type {string | null} */
    this.givenToken = null;
    this.restart = "";
    this.claimsKey = ""; // of what the claims say
    this.fitted = false;
    this.turns = new Turns(this.host);
    this.address = supplies.address((work) => this.turns.whenIdle(work));
    this.python = new Python(this.turns, { setStateValue, setTriggerValue });
    this.session = new Session(supplies.connect, {
      newJob: () => this.#newJob(),
      view: (view) => this.#showView(view),
      painted: (work) => afterPaint(work),
      changed: () => this.#show(),
      moving: () => this.redraws.go(),
      judged: (judgement) => this.#judge(judgement),
      speak: (words) => this.#speak(words),
      gone: (broke) => broke && this.#restarted(),
      lost: (token) => this.python.tell("lost", token),
      refused: (token) => this.python.arrived(token),
      heard: (news) => this.python.heard(news, this.given, session.token === this.givenToken ? session.token : null),
      fallback: () => this.python.tell("fallback", true),
      whenIdle: (work) => this.turns.whenIdle(work),
      send: (payload) => this.python.send(payload),
    });
    const { session } = this;
    this.prediction = new Prediction({
      seeWhy: (event) => this.#seeWhy(event),
      times: (kind) => {
        this.looks.times = kind;
        this.#dress();
      },
      baseline: () => this.#toggle("baseline"),
      guessFirst: () => this.guessing.toggle(),
    });
    this.presets = new Presets({
      pick: (id) => this.python.ask("preset", id),
      beside: (on) => this.python.ask("beside", on),
    });
    this.panels = new Panels(supplies.plotly(), {
      save: (panel) => this.keep.save(panel),
      open: (cell) => {
        const link = session.job.view?.links[cell];
        if (link) this.alone.open(link);
      },
      lead: (id) => this.#lead(id),
      failed: (error) => this.prediction.setNotice(`${error.message}; reload the page.`),
    });
    this.bar = new Bar({
      run: () => this.transport.toggle(),
      step: () => this.transport.step(),
      reset: () => this.transport.reset(),
      pace: (value) => session.setPace(value),
      scrub: (time) => session.scrub(time),
      release: () => session.release(),
    });
    this.bar.pace.value = session.playback.pace;
    this.claims = new Claims();
    this.keep = new Keep(supplies.file, () => this.#keepSource(), {
      say: (words) => this.#speak(words),
      missing: (reached) => this.#notice(reached ? whyMissing(session, this.restart !== "") : UNREACHABLE),
      fetched: () => this.prediction.notice === UNREACHABLE && this.#notice(""),
    });
    const { python } = this;
    this.pins = new Pins({ session, python, connect: supplies.connect, changed: () => this.#repinned(), speak: (words) => this.#speak(words) });
    this.keep.node.children[0].after(this.pins.shelf.button);
    this.voice = element("div", { class: "unseen", "aria-live": "polite" });
    const { prediction, panels } = this;
    this.status = new Status(session, { prediction, panels, speak: (words) => this.#speak(words) });
    const { node: presets } = this.presets;
    const parts = { presets, strip: prediction.strip, hero: panels.hero, numbers: prediction.numbers.node, bar: this.bar.node };
    const rest = { warnings: prediction.warnings, panels: panels.node, claims: this.claims.node, shelf: this.pins.shelf.node, keep: this.keep.node, voice: this.voice };
    this.stage = new Stage(this.host, { ...parts, ...rest });
    const attributes = { class: "lmx", "data-state": "loading", "data-rows": "0", hidden: true };
    this.root = element("div", attributes, this.stage.node);
    this.alone = new Alone({ root: this.root, claims: this.claims.node });
    this.paper = new Paper(this.stage.node, {
      keep: () => this.given.keep ?? {},
      before: () => this.#dress("light"),
      laidOut: () => this.panels.settle(),
      after: () => this.#dress(),
    });
    this.panels.lead(this.address.read("hero"));
    const { address } = this;
    this.guessing = new Guessing({ address, panels, led: Boolean(supplies.led), changed: () => this.#dress(), speak: (words) => this.#speak(words) });
    const { bar, guessing } = this;
    this.transport = new Transport({ session, bar, guessing, goesOn: () => this.#forgetRestart(), notice: (words) => this.#notice(words) });
    this.redraws = new Redraws(session, calm, { isThere: () => this.host.isConnected, draw: () => this.#drawMoment() });
    const { host, root, prediction: { legend } } = this;
    this.looks = new Looks({ host, root, panels, legend, guessing, redraw: () => this.redraws.draw() });
    this.looks.baseline = address.read("baseline") !== null;
    this.projector = new Projector({ address, changed: () => this.#projected(), speak: (words) => this.#speak(words) });
    this.presence = new Presence(session, { isBack: () => this.redraws.go(), everySecond: () => this.#everySecond() });
    const [before, after] = [() => this.presets.turn(-1), () => this.presets.turn(1)];
    const turns = { "[": before, ",": before, "]": after, ".": after };
    const keys = { " ": () => this.transport.toggle(), ArrowRight: () => this.transport.step(), t: () => this.#toggle("theory"), b: () => this.#toggle("baseline"), g: () => this.guessing.toggle(), p: () => this.projector.toggle(), k: () => this.pins.pin(), Escape: () => this.projector.end() };
    this.stopKeys = supplies.led ? () => {} : shortcuts(this.root, { ...turns, ...keys });
    this.fieldNames = new FieldNames();
    this.knobs = new Knobs((...moved) => !this.turns.busy && session.moveKnob(...moved));
    this.stop = new AbortController();
    calm.addEventListener("change", () => this.redraws.go(), { signal: this.stop.signal });
    shadow.append(this.root);
    supplies.style(shadow).then(() => {
      this.root.hidden = false;
      this.stage.fit();
      this.redraws.draw();
    });
  }

  // --- Python -------------------------------------------------------------------------------

  /** @param {Component} component */
  receive({ data, setStateValue, setTriggerValue }) {
    this.python.component = { setStateValue, setTriggerValue };
    const before = this.given;
    this.given = data?.page ?? before;
    if (this.given.theory !== before.theory) this.looks.theory = this.given.theory ?? true;
    if (this.given.projector !== before.projector) this.projector.set(Boolean(this.given.projector));
    this.alone.show(this.given.stage);
    this.guessing.require(Boolean(this.given.must_guess));
    this.address.correct(this.given.address?.values);
    if (!this.python.outdated(this.given)) this.presets.show(this.given.presets);
    this.pins.receive(this.given);
    this.#dress();
    const another = Boolean(before.server && this.given.server && this.given.server !== before.server);
    if (another && !this.restart && this.session.renewing !== "reader") this.#restarted();
    else if (data?.token !== this.givenToken && this.session.renewing !== "by itself") this.#forgetRestart();
    if (data?.token && data.token !== this.givenToken) {
      if (this.givenToken !== null) this.guessing.forget();
      this.givenToken = data.token;
      this.session.show(data.token);
    }
    this.session.polling.take(data?.reply);
    this.#arrivedIfAwaited();
    const { view } = this.session.job;
    if (!view) return;
    if (String(this.given.panels) !== String(before.panels)) this.#showView(view);
    this.keep.show(view, this.session.token);
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
    if (!session.fresh || session.state === "failed") this.python.arrived(session.token);
  }

  leaveIfGone = () => {
    if (this.host.isConnected) return;
    this.session.leave();
    this.panels.leave();
    this.prediction.leave();
    this.stage.leave();
    this.paper.leave();
    this.fieldNames.leave();
    this.knobs.leave();
    this.bar.leave();
    this.presence.leave();
    this.redraws.leave();
    this.stop.abort();
    this.stopKeys();
    this.turns.leave();
    this.address.leave();
    this.projector.leave();
    this.pins.leave();
    this.left();
  };

  // --- Drawing ------------------------------------------------------------------------------

  /** @param {Mode} [mode] paper is light whatever the screen is */
  #dress(mode) {
    this.looks.dress(this.given, this.session.job.token, mode);
  }

  #projected() {
    this.looks.projector = this.projector.on;
    this.#dress();
    this.stage.fit();
  }

  #newJob() {
    this.claimsKey = "";
    this.guessing.unjudge();
    this.prediction.setNotice(this.restart);
    this.prediction.unjudge();
    this.keep.finished(false);
    this.panels.contract();
  }

  /** The picture is to show other pinned runs. */
  #repinned() {
    const { view } = this.session.job;
    if (view) this.#showView(view);
    this.redraws.draw();
  }

  /** @param {View} whole */
  #showView(whole) {
    const view = overlaid(chosen(whole, this.given.panels ?? [], this.guessing.on), this.pins.drawn, this.panels.chosen);
    const mode = modeOf(this.host); // once something is written, asking costs a layout
    this.panels.measure();
    const { session } = this;
    const { judged, judgement } = session.job;
    this.prediction.show(view);
    const claimsKey = JSON.stringify([view.claims, view.falsifier, view.seeds]);
    if (claimsKey !== this.claimsKey && !judged) this.claims.show(view);
    this.claimsKey = claimsKey;
    if (judged && judgement) this.prediction.judge(judgement);
    this.panels.show(view.panels);
    this.guessing.show(view);
    this.bar.show(view);
    if (!this.fitted) this.stage.fit();
    else if (!session.playback.row) afterPaint(() => this.stage.fit()); // which costs a layout before it
    this.fitted ||= view.complete;
    this.keep.show(view, session.token);
    this.looks.forget();
    this.#dress(mode);
    this.#arrivedIfAwaited();
  }

  #drawMoment() {
    if (!this.session.job.view) return;
    const moment = this.session.job.moment();
    this.panels.draw(moment);
    this.bar.at(moment.cursorTime, moment.cursorStep, moment.time);
    this.prediction.follow(moment);
    this.#show();
    this.root.dataset.rows = String(moment.rows);
  }

  /** @param {Judgement} judgement */
  #judge(judgement) {
    const { store } = this.session.job;
    this.panels.extend(judgement.axes, judgement.alts);
    this.keep.finished(true);
    this.claims.judge(judgement, { still: calm.matches, steps: store.value("step", store.rows - 1) });
    this.prediction.judge(judgement);
    this.#speak(this.claims.spoken(judgement));
    this.guessing.judge(judgement.answered);
    this.#dress();
    this.#tellJudged();
    this.redraws.draw();
    this.host.dispatchEvent(new Event("judged"));
  }

  #tellJudged() {
    if (this.session.job.judged && !this.session.fresh) this.python.judged(this.given, this.givenToken);
  }

  /** Words and buttons of the present state. */
  #show() {
    const { session } = this;
    const { state, job, job: { status } } = session;
    this.root.dataset.state = state;
    if (session.token) this.root.dataset.run = session.token;
    this.root.classList.toggle("blank", !job.view);
    this.bar.state(state, { rows: session.playback.row, fresh: session.fresh });
    if (!job.judged && !session.fresh) this.claims.before(state);
    if (state === "failed" || (job.judged && status.state === "stopped")) this.prediction.setNotice(whyStopped(status));
    this.status.show();
    this.pins.show();
    this.#arrivedIfAwaited();
  }

  /** @param {string} sentence */
  #notice(sentence) {
    this.prediction.setNotice(sentence);
    if (sentence) this.#speak(sentence);
  }

  // --- Reader -------------------------------------------------------------------------------

  /** @param {"theory" | "baseline"} what */
  #toggle(what) {
    if (what === "baseline" && !this.prediction.legend.baseline.isConnected) return;
    const { looks } = this;
    looks[what] = !looks[what];
    if (what === "baseline") this.address.write("baseline", looks.baseline ? "shown" : null);
    this.#dress();
    this.#speak(`${what === "baseline" ? "naive guess" : what} ${looks[what] ? "shown" : "hidden"}`);
  }

  /** @param {string} id */
  #lead(id) {
    const first = this.panels.panels[0]?.spec.id;
    this.panels.lead(id);
    if (this.pins.drawn.length) this.#repinned();
    this.address.write("hero", id === first ? null : id);
    this.stage.fit();
    this.stage.hero.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", block: "center" });
    this.#speak("shown large, at the top");
  }

  #everySecond() {
    if (!this.host.isConnected) return this.leaveIfGone();
    this.session.touch();
    this.#tellJudged();
    if (!this.session.playback.row) this.stage.fit(); // what stands above may have grown meanwhile
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
      keep: this.given.keep ?? {}, guess: this.guessing.text,
      name: this.session.job.view?.stem ?? "lmx",
      panels: this.panels.panels, Plotly: this.panels.Plotly, settle: () => this.panels.settle(),
      palette: this.given.palette[this.root.dataset.mode === "dark" ? "dark" : "light"] ?? {},
    };
  }
}
