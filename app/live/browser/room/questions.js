// Below the wall: the list of questions, what may be added, the results, the lecturer's link, and the end.

import { copied } from "../dom/keep.js";
import { element, say } from "../dom/words.js";
import { many } from "./people.js";

/** @import { Listed, Room } from "./types.js" */

const STATES = { waiting: "waits to be prepared", computing: "is being prepared", ready: "ready", failed: "cannot be run" };
const SAID_MS = 2000;

/**
 * @typedef {object} Steering
 * @property {(to: number) => void} show
 * @property {(at: number) => void} leaveOut
 * @property {(link: string) => void} add
 * @property {() => void} results
 * @property {() => void} close
 * @property {() => string} link the lecturer's own
 */

/** Everything that a class need not see. */
export class Questions {
  /** @param {Steering} steering */
  constructor(steering) {
    this.steering = steering;
    this.list = element("ol", {});
    /** @type {{ node: HTMLElement, show: (question: Listed, shown: boolean) => void }[]} */
    this.rows = [];
    this.trouble = element("p", { class: "trouble", role: "alert" });
    this.field = element("input", { id: "add", name: "link", type: "text", maxlength: "4000", autocomplete: "off", placeholder: "paste a link to a page" });
    this.add = element("form", { class: "add", onsubmit: (/** @type {Event} */ event) => this.#add(event) },
      element("label", { for: "add" }, "Add a question"), this.field, element("button", { type: "submit", "data-action": "add" }, "Add"));
    this.results = element("button", { type: "button", "data-action": "results", onclick: steering.results }, "Results (CSV)");
    this.copy = element("button", { type: "button", "data-action": "copy", onclick: () => this.#copy() }, "Copy the lecturer's link");
    this.close = element("button", { type: "button", "data-action": "close", onclick: () => this.#ask(true) }, "Close the room");
    this.sure = element("span", { class: "sure", role: "group", "aria-label": "close the room", hidden: true },
      "Close it for all? Guesses and results are gone then.",
      element("button", { type: "button", "data-action": "close-now", onclick: () => this.#close() }, "Close it"),
      element("button", { type: "button", "data-action": "keep-open", onclick: () => this.#ask(false) }, "Keep it open"));
    this.ends = element("p", { class: "ends" });
    this.node = element("section", { class: "questions", id: "questions", "aria-labelledby": "questions-title" },
      element("h2", { id: "questions-title" }, "Questions"), this.list, this.trouble, this.add,
      element("h2", {}, "Results"), element("p", { class: "row" }, this.results),
      element("h2", {}, "Keep this link"),
      element("p", {}, "Who has it steers the room, so it is not shown here: copy it to open the wall on another screen, or again."),
      element("p", { class: "row" }, this.copy),
      element("h2", {}, "The end"), this.ends, element("p", { class: "row" }, this.close, this.sure));
  }

  /** @param {Room} room */
  show({ questions = [], at, ends_in: ends }) {
    say(this.ends, `The room closes by itself in ${endsIn(ends)}; download the results before.`);
    questions.forEach((question, i) => {
      // A row stays where it is, so that what has the focus keeps it.
      const row = this.rows[i] ?? this.#row(question, i);
      this.rows[i] = row;
      if (question.left_out) row.node.remove();
      else row.show(question, i === at);
    });
  }

  /**
   * @param {Listed} question
   * @param {number} i
   */
  #row({ title }, i) {
    const button = (/** @type {string} */ action, /** @type {string} */ label, /** @type {() => void} */ onclick) =>
      element("button", { type: "button", "data-action": action, "aria-label": `${label}: ${title}`, onclick }, label);
    const buttons = [button("show", "Show", () => this.steering.show(i)), button("leave-out", "Leave out", () => this.steering.leaveOut(i))];
    const said = element("span", { class: "state" });
    const node = element("li", { "data-question": String(i) }, element("span", { class: "title" }, title), said, ...buttons);
    this.list.append(node);
    return {
      node,
      /**
       * @param {Listed} question
       * @param {boolean} shown
       */
      show({ state, words, ran, guesses }, shown) {
        node.dataset.state = state;
        node.toggleAttribute("data-shown", shown);
        for (const one of buttons) one.disabled = shown;
        const parts = [shown ? "shown now" : "", ran ? "run" : STATES[state], guesses ? many(guesses, "guess") : ""];
        say(said, words || parts.filter(Boolean).join(", "));
      },
    };
  }

  /** @param {Event} event */
  #add(event) {
    event.preventDefault();
    const link = this.field.value.trim();
    if (!link) return;
    this.steering.add(link);
    this.field.value = "";
  }

  async #copy() {
    await copied(this.steering.link());
    this.copy.textContent = "Copied";
    setTimeout(() => (this.copy.textContent = "Copy the lecturer's link"), SAID_MS);
  }

  /** @param {boolean} asks */
  #ask(asks) {
    this.sure.hidden = !asks;
    this.close.hidden = asks;
    if (asks) this.sure.querySelector("button")?.focus();
    else this.close.focus();
  }

  #close() {
    this.#ask(false);
    this.steering.close();
  }

  /** @param {string} words */
  refuse(words) {
    say(this.trouble, words);
  }

  /** @param {boolean} steers whether anything can be asked for */
  open(steers) {
    this.node.toggleAttribute("data-off", !steers);
    for (const one of [this.field, this.close]) one.disabled = !steers;
  }
}

/** @param {number} seconds */
function endsIn(seconds) {
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 90) return many(minutes, "minute");
  return `about ${many(Math.round(minutes / 60), "hour")}`;
}
