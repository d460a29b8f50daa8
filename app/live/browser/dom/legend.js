// The legend above the stage: what each kind of line is, the switches of guesses, and that of the time axis.

import { sample } from "./glyphs.js";
import { element, fill, rich } from "./words.js";

/** @import { LegendEntry, View } from "../session/messages.js" */

const GUESS_FIRST_SAYS = "hide the theory, and put a guess of your own into the picture before the run (key G)";
const MUST_GUESS_SAYS = "this link asks for a guess before the run";
const BASELINE_SAYS = "what a person without the theory would have said beforehand, drawn faintly (key B)";

/**
 * Whether a guess is drawn in a panel; one that a time never comes is said by the tiles alone.
 * @param {View} view
 */
function drawsBaseline({ panels }) {
  return panels.some(({ figure: { data, layout } }) => data.some(({ meta }) => meta?.kind === "baseline") || layout.shapes?.some(({ name }) => name === "baseline"));
}

/** One strip for all panels; entries of a run join it with the run. */
export class Legend {
  /** @param {{ times: (word: string) => void, baseline: () => void, guessFirst: () => void }} actions */
  constructor(actions) {
    this.actions = actions;
    this.node = element("div", { class: "legend" });
    this.baseline = element(
      "button",
      { type: "button", class: "word", "data-action": "baseline", title: BASELINE_SAYS, onclick: () => actions.baseline() },
      "naive guess",
    );
    this.guessFirst = element(
      "button",
      { type: "button", class: "word guess-first", "data-action": "guess-first", title: GUESS_FIRST_SAYS, onclick: () => actions.guessFirst() },
      "guess first",
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
    const guessed = drawsBaseline(view);
    const asks = Boolean(view.asked);
    const changed = fill(this.node, [view.legend, times, guessed, asks], () => {
      const shown = view.legend.map((entry) => (entry.when === "asked" ? this.#baselineSwitch(entry, guessed) : this.#entry(entry)));
      return [...shown, ...(asks ? [this.guessFirst] : []), ...(times.length ? [this.times] : [])];
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
   * Whether the reader guesses first, and whether that is left to the reader.
   * @param {boolean} on
   * @param {boolean} must
   */
  markGuessFirst(on, must) {
    this.guessFirst.setAttribute("aria-pressed", String(on));
    this.guessFirst.disabled = must;
    this.guessFirst.title = must ? MUST_GUESS_SAYS : GUESS_FIRST_SAYS;
  }

  /**
   * Whether the naive guess is drawn; its words stand beside the switch then.
   * @param {boolean} shown
   */
  markBaseline(shown) {
    this.baseline.setAttribute("aria-pressed", String(shown));
  }

  /**
   * @param {LegendEntry} entry
   * @param {boolean} drawn
   */
  #baselineSwitch({ kind, words, colour }, drawn) {
    const said = element("span", { class: "said" }, ": ", rich(words));
    return element("span", { class: "entry", "data-kind": kind }, drawn ? sample(kind, colour) : null, element("span", {}, this.baseline, said));
  }

  /** @param {LegendEntry} entry */
  #entry({ kind, words, colour, when }) {
    const late = when === "run";
    const known = kind.replace("compared_", "");
    const node = element("span", { class: "entry", "data-kind": known, "data-late": late }, sample(kind, colour), rich(words));
    node.hidden = late && !this.hasRun;
    return node;
  }

  /** The type has another size. */
  resized() {
    this.reservedFor = null;
    this.#reserve();
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
