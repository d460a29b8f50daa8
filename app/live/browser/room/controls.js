// What steers a room from the wall: run for all, the question before and after, and whether guesses are shown.

import { element, say } from "../dom/words.js";

/** One row under the picture. */
export class Controls {
  /** @param {{ run: () => void, go: (step: number) => void, toggle: () => void }} actions */
  constructor({ run, go, toggle }) {
    /**
     * @param {string} action
     * @param {string} words
     * @param {() => void} onclick
     */
    const button = (action, words, onclick) => element("button", { type: "button", "data-action": action, onclick }, words);
    this.run = button("run-all", "Run for all", run);
    this.run.classList.add("filled");
    this.back = button("previous-question", "Back", () => go(-1));
    this.next = button("next-question", "Next", () => go(1));
    this.place = element("span", { class: "place-of" });
    this.toggle = button("guesses", "Show guesses", toggle);
    this.toggle.setAttribute("aria-keyshortcuts", "H");
    this.toggle.title = "hide the guesses until all are in (key H)";
    this.node = element("div", { class: "controls", role: "group", "aria-label": "room controls" },
      this.run, this.back, this.place, this.next, this.toggle,
      element("a", { class: "button", href: "#questions" }, "Questions and results"));
  }

  /**
   * @param {object} how
   * @param {string} how.place "2 of 5"
   * @param {boolean} how.runs whether the run may be pressed
   * @param {boolean} how.awaited it is pressed, and still being computed
   * @param {boolean} how.before whether there is a question before this one
   * @param {boolean} how.after
   * @param {boolean} how.guesses whether they are shown
   */
  show({ place, runs, awaited, before, after, guesses }) {
    say(this.place, place);
    say(this.run, awaited ? "Computing" : "Run for all");
    this.run.disabled = !runs;
    this.back.disabled = !before;
    this.next.disabled = !after;
    this.toggle.setAttribute("aria-pressed", String(guesses));
  }
}
