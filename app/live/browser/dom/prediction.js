// What is said around the picture before the first step: legend and status above it, numbers beside it.

import { Legend } from "./legend.js";
import { Numbers } from "./numbers.js";
import { summaryOf } from "./verdicts.js";
import { element, fill, rich, say } from "./words.js";

/** @import { Judgement, View } from "../session/messages.js" */
/** @import { Moment } from "../session/types.js" */
/** @import { PredictionActions, StatusOptions } from "./types.js" */

/** The part of the page that is fixed before the first step, and the words of how the run does. */
export class Prediction {
  /** @param {PredictionActions} actions */
  constructor(actions) {
    this.actions = actions;
    this.legend = new Legend(actions);
    this.numbers = new Numbers();
    this.status = element("div", { class: "status" });
    this.strip = element("header", { class: "strip" }, this.legend.node, this.status);
    this.warnings = element("div", { class: "warnings" });
    /** @type {View | null} */
    this.view = null;
    this.notice = "";
    /** What the status shows, words that change aside: @type {string | Judgement | null} */
    this.statusKey = null;
    this.statusWords = element("span");
    /** @type {HTMLProgressElement | null} */
    this.progress = null;
  }

  /** @param {View} view */
  show(view) {
    this.view = view;
    this.numbers.show(view);
    if (typeof this.statusKey === "object") this.statusKey = null;
    this.#showWarnings();
    this.legend.show(view);
  }

  #showWarnings() {
    const said = this.view?.warnings ?? [];
    fill(this.warnings, [said, this.notice], () => {
      const banners = said.map(({ title, text }) =>
        element("p", { class: "banner" }, element("strong", {}, rich(title)), " ", rich(text)),
      );
      return this.notice ? [element("p", { class: "banner notice", role: "status" }, this.notice), ...banners] : banners;
    });
    this.warnings.hidden = !this.warnings.childElementCount;
  }

  /**
   * A sentence with a next action, when a run stopped or something failed.
   * @param {string} sentence
   */
  setNotice(sentence) {
    if (sentence === this.notice) return;
    this.notice = sentence;
    this.#showWarnings();
  }

  /**
   * Words at the right of the legend.
   * @param {string} words
   * @param {StatusOptions} options
   */
  setStatus(words, { tone = "quiet", progress = null, cancel = null, hurry = null } = {}) {
    const key = JSON.stringify([Boolean(words), tone, Boolean(cancel), Boolean(hurry)]);
    if (key !== this.statusKey) {
      this.statusKey = key;
      this.statusWords = element("span", { class: `words ${tone}` });
      this.progress = progress === null ? null : element("progress", { max: "1", "aria-label": "prediction" });
      /** @type {HTMLElement[]} */
      const shown = [this.statusWords];
      if (this.progress) shown.push(this.progress);
      if (cancel) shown.push(element("button", { type: "button", class: "small", "data-action": "cancel", onclick: cancel }, "Cancel"));
      if (hurry) shown.push(element("button", { type: "button", class: "small", "data-action": "hurry", onclick: hurry }, "Run without it"));
      this.status.replaceChildren(...shown);
    }
    say(this.statusWords, words);
    if (this.progress) this.progress.value = progress ?? 0;
  }

  /**
   * The verdicts in short, above the picture and on the tiles.
   * @param {Judgement} judgement
   */
  judge(judgement) {
    if (this.statusKey === judgement) return;
    this.statusKey = judgement;
    this.numbers.judge(judgement);
    if (!judgement.claims.length) {
      this.status.replaceChildren(element("span", { class: "words quiet" }, judgement.headline));
      return;
    }
    const why = element("a", { href: "#claims", onclick: this.actions.seeWhy }, "see why");
    this.status.replaceChildren(...summaryOf(judgement.claims), why);
  }

  /** @param {Moment} moment */
  follow(moment) {
    this.legend.setRun(moment.rows > 0);
    this.numbers.follow(moment);
  }

  unjudge() {
    this.statusKey = null;
    this.status.replaceChildren();
    this.numbers.unjudge();
  }

  leave() {
    this.legend.leave();
  }
}
