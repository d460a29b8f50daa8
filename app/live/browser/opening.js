// The picture that opens the home page: one run of the page's own engine, once, when it is seen.

import { afterPaint } from "./dom/after_paint.js";
import { dress, modeOf } from "./panels/colours.js";
import { Panels } from "./panels/panels.js";
import { Redraws } from "./panels/redraws.js";
import { Presence } from "./session/presence.js";
import { Session } from "./session/session.js";
import { Python } from "./session/python.js";
import { Turns } from "./session/turns.js";
import { mounting } from "./mounting.js";
import { whyStopped } from "./dom/notices.js";
import { SERVER } from "./supplies.js";
import { element, say } from "./dom/words.js";

/** @import { Judgement, View } from "./session/messages.js" */
/** @import { Given, Page } from "./session/page.js" */
/** @import { Component } from "./mounting.js" */
/** @import { Look } from "./panels/types.js" */

/** How much of it is to be on the screen. */
const SEEN = 0.5;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const coarse = matchMedia("(pointer: coarse)");

/** The first panel of an experiment's page, which nobody needs to start. */
class Opening {
  /**
   * @param {Component} component
   * @param {() => void} left is told that it has left
   */
  constructor({ parentElement: shadow, setStateValue, setTriggerValue }, left) {
    this.left = left;
    this.host = shadow.host;
    /** @type {Page} */
    this.given = { palette: {} };
    /** @type {string | null} */
    this.givenToken = null;
    this.lookKey = "";
    this.seen = false;
    /** The job that has been run, which is not run again: @type {string | null} */
    this.begun = null;
    this.turns = new Turns(this.host);
    this.python = new Python(this.turns, { setStateValue, setTriggerValue });
    this.session = new Session(SERVER.connect, {
      newJob: () => this.panels.contract(),
      view: (view) => this.#showView(view),
      painted: (work) => afterPaint(work),
      changed: () => this.#show(),
      moving: () => this.redraws.go(),
      judged: (judgement) => this.#judge(judgement),
      speak: () => {},
      gone: () => {},
      lost: (token) => this.python.tell("lost", token),
      refused: () => {},
      heard: () => {},
      fallback: () => this.python.tell("fallback", true),
      whenIdle: (work) => this.turns.whenIdle(work),
      send: (payload) => this.python.send(payload),
    });
    this.panels = new Panels(SERVER.plotly(), {
      save: () => {},
      open: () => {},
      lead: () => {},
      failed: (error) => say(this.words, `${error.message}; reload the page.`),
    });
    this.words = element("p", { class: "words", role: "status" });
    const attributes = { class: "lmx opening", "data-state": "loading", "data-rows": "0", hidden: true };
    this.root = element("div", attributes, this.panels.hero, this.words);
    const page = { isThere: () => this.host.isConnected, draw: () => this.#drawMoment() };
    this.redraws = new Redraws(this.session, calm, page);
    this.presence = new Presence(this.session, { isBack: () => this.#goOn(), everySecond: () => this.#everySecond() });
    this.watcher = new IntersectionObserver(([entry]) => {
      this.seen = entry.isIntersecting;
      this.#begin();
    }, { threshold: SEEN });
    this.watcher.observe(this.root);
    shadow.append(this.root);
    SERVER.style(shadow, ["live.css", "opening.css"]).then(() => {
      this.root.hidden = false;
      this.redraws.draw();
    });
  }

  /** @param {Component} component */
  receive({ data, setStateValue, setTriggerValue }) {
    this.python.component = { setStateValue, setTriggerValue };
    this.given = data?.page ?? this.given;
    this.#dress();
    if (data?.token && data.token !== this.givenToken) {
      this.givenToken = data.token;
      this.session.show(data.token);
    }
    this.session.polling.take(data?.reply);
  }

  #dress(mode = modeOf(this.host)) {
    const palette = this.given.palette[mode] ?? {};
    /** @type {Look} */
    const look = {
      palette, mode, projector: false, theory: true, guessing: false, baseline: false, coarse: coarse.matches, times: null,
      token: this.session.job.token,
    };
    const key = JSON.stringify(look);
    if (key === this.lookKey) return;
    this.lookKey = key;
    dress(this.root, palette, mode);
    this.panels.dress(look);
    this.redraws.draw();
  }

  /** @param {View} view */
  #showView(view) {
    const mode = modeOf(this.host); // before anything is written
    this.panels.measure();
    this.panels.show(view.panels.slice(0, 1));
    this.lookKey = "";
    this.#dress(mode);
    this.#begin();
  }

  /** Runs once it is seen; for who wants little motion the whole run is there at once. */
  #begin() {
    const { session } = this;
    if (!this.seen || this.begun === session.token || session.state !== "ready") return;
    this.begun = session.token;
    session.setPace(calm.matches ? "fastest" : "1");
    session.run();
  }

  #goOn() {
    if (this.session.job.hiddenPause) this.session.run();
    this.redraws.go();
  }

  #drawMoment() {
    if (!this.session.job.view) return;
    const moment = this.session.job.moment();
    this.panels.draw(moment);
    this.root.dataset.rows = String(moment.rows);
  }

  /** @param {Judgement} judgement */
  #judge(judgement) {
    this.panels.extend(judgement.axes, judgement.alts);
    say(this.words, judgement.headline);
    this.redraws.draw();
  }

  #show() {
    const { session } = this;
    const { job, state } = session;
    this.root.dataset.state = state;
    if (session.token) this.root.dataset.run = session.token;
    if (state === "loading") say(this.words, session.link || "computing the prediction");
    else if (state === "failed") say(this.words, whyStopped(job.status));
    else if (!job.judged) say(this.words, session.link || (state === "running" ? "training" : "predicted"));
    this.#begin();
  }

  #everySecond() {
    this.leaveIfGone();
    this.session.touch();
  }

  leaveIfGone = () => {
    if (this.host.isConnected) return;
    this.session.leave();
    this.panels.leave();
    this.presence.leave();
    this.redraws.leave();
    this.watcher.disconnect();
    this.turns.leave();
    this.left();
  };
}

export default mounting(Opening);
