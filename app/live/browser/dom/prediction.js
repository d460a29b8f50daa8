// What stands above the panels: heading and hash, tiles, assumptions, warnings, legend.

import { glyph, sample } from "./glyphs.js";
import { element, fill, fixed, rich, say } from "./words.js";

/** @import { Assumption, JudgedClaim, Judgement, LegendEntry, Tile, Verdict, View } from "../session/messages.js" */
/** @import { Moment } from "../session/types.js" */
/** @import { PredictionActions, StatusOptions } from "./types.js" */

/** @type {Verdict[]} */
const VERDICT_ORDER = ["lands", "departs", "surprise", "not judged"];
/** @type {Record<Verdict, string>} */
const PLURALS = { lands: "land", departs: "depart", surprise: "surprises", "not judged": "not judged" };

const GUESS_SAYS = "what a person without the theory would have said beforehand, drawn faintly (key G)";

/**
 * A verdict's glyph and words in its colour.
 * @param {Verdict} verdict
 * @param {string | Node} words
 */
export function verdictMark(verdict, words) {
  return element("span", { class: "mark", "data-verdict": verdict }, glyph(verdict), element("span", {}, words));
}

/** @param {JudgedClaim[]} claims */
function summaryOf(claims) {
  const counts = VERDICT_ORDER.map((verdict) => ({ verdict, n: claims.filter((c) => c.verdict === verdict).length })).filter(
    ({ n }) => n,
  );
  if (counts.length === 1 && counts[0].verdict === "lands") {
    const [{ verdict, n }] = counts;
    const words = element("span", {}, `${n} of ${n} `, element("span", { class: "wide" }, n === 1 ? "claim " : "claims "), n === 1 ? "lands" : "land");
    return [verdictMark(verdict, words)];
  }
  return counts.map(({ verdict, n }) => verdictMark(verdict, `${n} ${n === 1 ? verdict : PLURALS[verdict]}`));
}

/**
 * A tile's edge: the colour of the curve it speaks of.
 * @param {Tile} tile
 */
function edgeOf({ colour }) {
  return colour === null ? "var(--rule2)" : `var(--series${colour})`;
}

/**
 * Whether a guess is drawn in a panel; one that a time never comes is said by the tiles alone.
 * @param {View} view
 */
function drawsGuess({ panels }) {
  return panels.some(({ figure: { data, layout } }) => data.some(({ meta }) => meta?.kind === "guess") || layout.shapes?.some(({ name }) => name === "guess"));
}

/** The part of the page that is fixed before the first step. */
export class Prediction {
  /** @param {PredictionActions} actions */
  constructor(actions) {
    this.actions = actions;
    this.heading = element("h2", { id: "prediction" }, "Prediction");
    this.frozen = element("p", { class: "frozen" });
    this.status = element("div", { class: "status" });
    this.tiles = element("div", { class: "tiles" });
    this.assumptions = element("div", { class: "assumptions" });
    this.warnings = element("div", { class: "warnings" });
    this.legend = element("div", { class: "legend" });
    this.nodes = [
      element("header", { class: "top" }, this.heading, this.frozen, this.status),
      this.tiles,
      this.assumptions,
      this.warnings,
      this.legend,
    ];
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
    /** Where a tile says what was measured: @type {HTMLElement[]} */
    this.measured = [];
    /** @type {View | null} */
    this.view = null;
    this.notice = "";
    this.hasRun = false;
    /** What the status shows, words that change aside: @type {string | Judgement | null} */
    this.statusKey = null;
    this.statusWords = element("span");
    /** @type {HTMLProgressElement | null} */
    this.progress = null;
    /** The width that the legend's height was found for: @type {number | null} */
    this.reservedFor = null;
    /** @type {number | null} */
    this.reserving = null;
    this.sizes = new ResizeObserver(() => this.#reserve());
    this.sizes.observe(this.legend);
  }

  /** @param {View} view */
  show(view) {
    this.view = view;
    fill(this.frozen, view.hash, () =>
      view.hash ? ["frozen before the first step, sha-256 ", element("code", { title: view.hash }, view.hash.slice(0, 12))] : [],
    );
    this.#showTiles(view.tiles);
    if (typeof this.statusKey === "object") this.statusKey = null;
    this.#showAssumptions(view.assumptions);
    this.#showWarnings();
    this.#showLegend(view.legend, Object.keys(view.panels.find((panel) => panel.times)?.times ?? {}), drawsGuess(view));
  }

  /**
   * @param {LegendEntry[]} entries
   * @param {string[]} times
   * @param {boolean} guessed whether a guess is drawn
   */
  #showLegend(entries, times, guessed) {
    const changed = fill(this.legend, [entries, times, guessed], () => {
      const shown = entries.map((entry) => (entry.when === "asked" ? this.#guessSwitch(entry, guessed) : this.#legendEntry(entry)));
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

  /** @param {Tile[]} tiles */
  #showTiles(tiles) {
    this.tiles.hidden = !tiles.length;
    this.tiles.style.setProperty("--across", String(Math.min(5, Math.max(1, tiles.length))));
    fill(this.tiles, tiles, () => {
      this.measured = tiles.map(() => element("p", { class: "measured" }));
      return tiles.map((tile, i) => {
        const node = element(
          "div",
          { class: "tile", "data-tile": i },
          element("p", { class: "what" }, element("span", { class: "symbol" }, rich(tile.symbol)), " ", rich(tile.words)),
          element("p", { class: "value" }, rich(tile.value), tile.unit ? element("small", {}, " ", rich(tile.unit)) : null),
          element("p", { class: "consequence" }, rich(tile.consequence)),
          tile.guess ? element("p", { class: "guess" }, "guess: ", rich(tile.guess)) : null,
          this.measured[i],
        );
        node.style.setProperty("--edge", edgeOf(tile));
        return node;
      });
    });
  }

  /** @param {Assumption[]} assumptions */
  #showAssumptions(assumptions) {
    this.assumptions.hidden = !assumptions.length;
    /** @param {Assumption} assumption */
    const item = ({ name, label, sentence, held }) =>
      element(
        "li",
        { "data-assumption": name, "data-held": String(held), class: held ? null : "broken" },
        glyph(held ? "held" : "broken"),
        element("span", { class: "unseen" }, held ? "held: " : ""),
        element(
          "span",
          { title: rich(sentence).textContent },
          rich(label),
          held ? null : element("span", {}, ": broken", sentence ? ". " : "", rich(sentence)),
        ),
      );
    fill(this.assumptions, assumptions, () => [
      element("h3", {}, "Assumptions"),
      element("ul", {}, ...assumptions.map(item)),
    ]);
  }

  #showWarnings() {
    const said = this.view?.warnings ?? [];
    fill(this.warnings, [said, this.notice], () => {
      const banners = said.map(({ title, text }) =>
        element("p", { class: "banner" }, element("strong", {}, rich(title)), " ", rich(text)),
      );
      return this.notice ? [...banners, element("p", { class: "banner notice", role: "status" }, this.notice)] : banners;
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
   * @param {LegendEntry} entry
   * @param {boolean} drawn
   */
  #guessSwitch({ kind, words, colour }, drawn) {
    const said = element("span", { class: "said" }, ": ", rich(words));
    return element("span", { class: "entry", "data-kind": kind }, drawn ? sample(kind, colour) : null, element("span", {}, this.guess, said));
  }

  /** @param {LegendEntry} entry */
  #legendEntry({ kind, words, colour, when }) {
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
    if (this.legend.clientWidth === this.reservedFor || !late.length) return;
    this.reservedFor = this.legend.clientWidth;
    this.legend.style.minHeight = "";
    for (const entry of late) entry.hidden = false;
    this.legend.style.minHeight = `${this.legend.offsetHeight}px`;
    for (const entry of late) entry.hidden = !this.hasRun;
  }

  /** Entries that join with the run, which is none of those that are there before. */
  get #late() {
    return /** @type {HTMLElement[]} */ ([...this.legend.querySelectorAll("[data-late]")]);
  }

  leave() {
    if (this.reserving !== null) cancelAnimationFrame(this.reserving);
    this.sizes.disconnect();
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

  /**
   * Words at the right of the heading.
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
   * The verdicts in short, at the heading and on the tiles.
   * @param {Judgement} judgement
   */
  judge(judgement) {
    if (this.statusKey === judgement) return;
    this.statusKey = judgement;
    const why = element("a", { href: "#claims", onclick: this.actions.seeWhy }, "see why");
    this.status.replaceChildren(...summaryOf(judgement.claims), why);
    judgement.tiles.forEach((tile, i) => {
      if (tile) this.measured[i]?.replaceChildren(verdictMark(tile.verdict, `measured ${tile.measured_text}`));
    });
  }

  /**
   * Numbers measured anew with every row, with as many decimals as the predicted ones.
   * @param {Moment} moment
   */
  follow({ stores, rows }) {
    this.view?.tiles.forEach(({ column, value }, i) => {
      if (!column) return;
      const found = rows ? stores[0].value(column, rows - 1) : NaN;
      const decimals = value.split(".")[1]?.length ?? 0;
      say(this.measured[i], `measured ${Number.isFinite(found) ? fixed(found, decimals) : "\u2013"}`);
    });
  }

  unjudge() {
    this.statusKey = null;
    this.status.replaceChildren();
    for (const line of this.measured) line.replaceChildren();
  }
}
