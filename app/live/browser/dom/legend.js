// The legend above the stage: what each kind of line is, the switch of the guess, and that of the time axis.

import { sample } from "./glyphs.js";
import { element, fill, rich } from "./words.js";

/** @import { LegendEntry, View } from "../session/messages.js" */

const GUESS_SAYS = "what a person without the theory would have said beforehand, drawn faintly (key G)";

/**
 * Whether a guess is drawn in a panel; one that a time never comes is said by the tiles alone.
 * @param {View} view
 */
function drawsGuess({ panels }) {
  return panels.some(({ figure: { data, layout } }) => data.some(({ meta }) => meta?.kind === "guess") || layout.shapes?.some(({ name }) => name === "guess"));
}

/** One strip for all panels; entries of a run join it with the run. */
export class Legend {
  /** @param {{ times: (word: string) => void, guess: () => void }} actions */
  constructor(actions) {
    this.actions = actions;
    this.node = element("div", { class: "legend" });
    this.guess = element(
      "button",
      { type: "button", class: "word", "data-action": "guess", title: GUESS_SAYS, onclick: () => actions.guess() },
      "guess",
    );
    this.times = element("span", { class: "times scales", role: "group", "aria-label": "time axis" });
    /** @type {HTMLElement[]} */
    this.timeWords = [];
    /** @type {string | null} */
    this.chosenTimes = null;
    this.hasRun = false;
    /** The width that the legend's height was found for: @type {number | null} */
    this.reservedFor = null;
    /** @type {number | null} */
    this.reserving = null;
    this.sizes = new ResizeObserver(() => this.#reserve());
    this.sizes.observe(this.node);
  }

  /** @param {View} view */
  show(view) {
    const times = Object.keys(view.panels.find((panel) => panel.times)?.times ?? {});
    const guessed = drawsGuess(view);
    const changed = fill(this.node, [view.legend, times, guessed], () => {
      const shown = view.legend.map((entry) => (entry.when === "asked" ? this.#guessSwitch(entry, guessed) : this.#entry(entry)));
      return times.length ? [...shown, this.times] : shown;
    });
    if (!changed) return;
    this.#showTimes(times);
    this.reservedFor = null;
    this.reserving ??= requestAnimationFrame(() => this.#reserve());
  }

  /** @param {string[]} times */
  #showTimes(times) {
    if (!times.length) return;
    this.timeWords = times.map((word) =>
      element("button", { type: "button", class: "word", "data-times": word, onclick: () => this.actions.times(word) }, word),
    );
    this.times.replaceChildren("time axis", ...this.timeWords);
    this.markTimes(this.chosenTimes);
  }

  /**
   * Which of the time axes is drawn; the first where the chosen one is not among them.
   * @param {string | null} chosen
   */
  markTimes(chosen) {
    this.chosenTimes = chosen;
    const words = this.timeWords.map((word) => word.dataset.times);
    const shown = words.find((word) => word === chosen) ?? words[0];
    for (const word of this.timeWords) word.setAttribute("aria-pressed", String(word.dataset.times === shown));
  }

  /**
   * Whether the guess is drawn; its words stand beside the switch then.
   * @param {boolean} shown
   */
  markGuess(shown) {
    this.guess.setAttribute("aria-pressed", String(shown));
  }

  /**
   * @param {LegendEntry} entry
   * @param {boolean} drawn
   */
  #guessSwitch({ kind, words, colour }, drawn) {
    const said = element("span", { class: "said" }, ": ", rich(words));
    return element("span", { class: "entry", "data-kind": kind }, drawn ? sample(kind, colour) : null, element("span", {}, this.guess, said));
  }

  /** @param {LegendEntry} entry */
  #entry({ kind, words, colour, when }) {
    const late = when === "run";
    const known = kind.replace("compared_", "");
    const node = element("span", { class: "entry", "data-kind": known, "data-late": late }, sample(kind, colour), rich(words));
    node.hidden = late && !this.hasRun;
    return node;
  }

  /** Keeps room for the entries that join later, so that nothing below them moves. */
  #reserve() {
    this.reserving = null;
    const late = this.#late;
    if (this.node.clientWidth === this.reservedFor || !late.length) return;
    this.reservedFor = this.node.clientWidth;
    this.node.style.minHeight = "";
    for (const entry of late) entry.hidden = false;
    this.node.style.minHeight = `${this.node.offsetHeight}px`;
    for (const entry of late) entry.hidden = !this.hasRun;
  }

  /** Entries that join with the run, which is none of those that are there before. */
  get #late() {
    return /** @type {HTMLElement[]} */ ([...this.node.querySelectorAll("[data-late]")]);
  }

  /**
   * Run entries join the legend with the first row.
   * @param {boolean} hasRun
   */
  setRun(hasRun) {
    if (hasRun === this.hasRun) return;
    this.hasRun = hasRun;
    for (const entry of this.#late) entry.hidden = !hasRun;
  }

  leave() {
    if (this.reserving !== null) cancelAnimationFrame(this.reserving);
    this.sizes.disconnect();
  }
}
