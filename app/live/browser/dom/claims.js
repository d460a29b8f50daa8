// The claims table: stated before the run, judged after it, row by row.

import { verdictMark, WORDS } from "./verdicts.js";
import { counted, element, plain, rich, whole } from "./words.js";

/** @import { Claim, JudgedClaim, Judgement, View } from "../session/messages.js" */
/** @import { Child } from "./words.js" */

/**
 * The head of a column: its words, and the class of its cells.
 * @typedef {[words: string | Node, name: string]} Column
 */

const BETWEEN_ROWS_MS = 80;
const METER_DECADES = 3;
const METER_SAYS =
  "The bar under an error has a log scale: empty at a thousandth of the tolerance or less, " +
  "at the tick as large as the tolerance, full at a thousand times it or more.";
const GUESS_SAYS =
  "The naive guess is what a person without the theory would have said beforehand, such as that nothing changes; " +
  "where it, or a theory 10 % wrong, would land too, landing proves nothing and is not counted.";

/** @param {Column[]} names */
function heads(names) {
  return element(
    "thead",
    { role: "rowgroup" },
    element(
      "tr",
      { role: "row" },
      ...names.map(([words, name]) => element("th", { scope: "col", role: "columnheader", class: name }, words)),
    ),
  );
}

/**
 * @param {string} name
 * @param {string} label
 * @param {...Child} content
 */
function cell(name, label, ...content) {
  return element("td", { role: "cell", class: name, "data-label": label }, ...content);
}

/**
 * @param {Claim | JudgedClaim} claim
 * @param {string} where
 */
function claimCell(claim, where) {
  return element(
    "th",
    { scope: "row", role: "rowheader", class: "claim" },
    element("span", { class: "name" }, element("span", { class: "symbol" }, rich(claim.symbol)), claim.symbol ? " " : "", rich(claim.title)),
    element("span", { class: "second" }, rich(where)),
  );
}

/**
 * @param {string} text
 * @param {string} unit
 */
function toleranceCell(text, unit) {
  return cell("tolerance", "Tolerance", element("span", {}, rich(text)), element("span", { class: "second" }, rich(unit)));
}

/**
 * Error on a log scale three decades either side of the tolerance, which is the tick.
 * @param {number} error
 * @param {number} tolerance
 */
function meter(error, tolerance) {
  let place = error > 0 ? 1 : 0;
  if (error > 0 && tolerance > 0) {
    const decades = Math.log10(error / tolerance);
    place = Math.min(1, Math.max(0, (decades + METER_DECADES) / (2 * METER_DECADES)));
  }
  const bar = element("i");
  bar.style.width = `${100 * place}%`;
  return element("span", { class: "meter", "aria-hidden": "true" }, bar);
}

/**
 * "6 743 steps each", "12 points": a sweep counts points.
 * @param {View} view
 * @param {number} count
 */
function lengthOf({ clock, seeds }, count) {
  const word = clock.step_word || "step";
  const each = word !== "point" && seeds > 1 ? " each" : "";
  return `${whole(count)} ${word}${count === 1 ? "" : "s"}${each}`;
}

/** The table and its headline. */
export class Claims {
  constructor() {
    this.headline = element("h2", { tabindex: "-1", id: "claims" });
    this.sub = element("span", { class: "sub" });
    this.table = element("table", { role: "table" });
    this.scale = element("p", { class: "scale", hidden: true }, METER_SAYS);
    this.falsifier = element("p", { class: "falsifier" });
    this.node = element(
      "section",
      { class: "claims", "aria-labelledby": "claims" },
      element("header", {}, this.headline, this.sub),
      element("div", { class: "scroll" }, this.table),
      this.scale,
      this.falsifier,
    );
    /** @type {number[]} */
    this.timers = [];
    this.state = "";
    /** @type {View | null} */
    this.view = null;
  }

  /** @param {View} view */
  show(view) {
    this.view = view;
    this.state = "";
    this.before("ready");
  }

  /**
   * The table before the judgement, in the words of a state.
   * @param {string} state
   */
  before(state) {
    const running = state === "running" || state === "paused";
    const words = running ? "running" : "waiting";
    if (this.state === words || !this.view) return;
    this.state = words;
    this.#stop();
    this.node.classList.remove("judged");
    const seeds = counted(this.view.seeds, "seed");
    if (this.view.claims.length) {
      this.headline.textContent = running ? "The claims, judged when the run ends" : "The claims, stated before the run";
      this.sub.textContent = `${seeds}, tolerances fixed now`;
    } else {
      this.headline.textContent = "No claim is judged here";
      this.sub.textContent = seeds;
    }
    /** @type {Column[]} */
    const columns = [["Claim", "claim"], ["Predicted", "said"], ["Measured", "measured"], ["Tolerance", "tolerance"], ["Verdict", "verdict"]];
    const rows = this.view.claims.map((claim) =>
      element(
        "tr",
        { role: "row", "data-claim": claim.name, "data-verdict": "" },
        claimCell(claim, ""),
        cell("said", "Predicted", rich(claim.predicted_text)),
        cell("measured none", "Measured", running ? "running" : "none yet"),
        toleranceCell(claim.tolerance_text, claim.unit),
        cell("verdict", "Verdict", verdictMark("not judged", claim.untested ? "No test" : "Not judged yet"),
          claim.untested || claim.partly_untested
            ? element("span", { class: "second" }, rich(claim.untested || claim.partly_untested))
            : null),
      ),
    );
    this.#fill("Claims, tolerances fixed before the run", columns, rows);
    this.#falsify("What would falsify it:", this.view.falsifier);
  }

  /**
   * The judgement; rows appear one after another, once.
   * @param {Judgement} judgement
   * @param {{ still: boolean, steps: number }} how `still` where all of them appear at once
   */
  judge(judgement, { still, steps }) {
    const { view } = this;
    if (!view) return;
    this.state = "judged";
    this.#stop();
    this.node.classList.add("judged");
    this.headline.replaceChildren(rich(judgement.headline));
    this.sub.textContent = `${counted(view.seeds, "seed")}, ${lengthOf(view, steps)}`;
    const error = element("span", {}, "Error ", element("small", {}, "(log, tick: tolerance)"));
    /** @type {Column[]} */
    const columns = [["Claim", "claim"], ["Predicted", "number"], ["Measured", "number"], [error, "error"], ["Tolerance", "tolerance"], ["Verdict", "verdict"]];
    const rows = judgement.claims.map((claim) => this.#judgedRow(claim));
    this.#fill("Claims and verdicts", columns, rows);
    this.#falsify("What would have falsified it:", judgement.falsifier);
    if (still) return;
    rows.forEach((row, i) => {
      row.classList.add("coming");
      this.timers.push(setTimeout(() => row.classList.remove("coming"), 30 + BETWEEN_ROWS_MS * i));
    });
  }

  /** @param {JudgedClaim} claim */
  #judgedRow(claim) {
    const { error, tolerance } = claim;
    /**
     * @param {string} name
     * @param {string} label
     * @param {string} text
     */
    const number = (name, label, text) =>
      cell(`number ${name}${text.includes(", ") ? " list" : ""}`, label, rich(text || "\u2013"));
    return element(
      "tr",
      { role: "row", "data-claim": claim.name, "data-verdict": claim.verdict },
      claimCell(claim, claim.where ? `worst: ${claim.where}` : ""),
      number("predicted", "Predicted", claim.predicted_text),
      number("measured", "Measured", claim.measured_text),
      cell("error", "Error", element("span", { class: "size" }, rich(claim.error_text || "\u2013")),
        error !== null && tolerance !== null ? meter(error, tolerance) : null,
        claim.guess_text ? element("span", { class: "second guess" }, rich(claim.guess_text)) : null),
      toleranceCell(claim.tolerance_text, claim.unit),
      cell("verdict", "Verdict", verdictMark(claim.verdict, WORDS[claim.verdict]),
        element("span", { class: "second" }, rich(claim.reason))),
    );
  }

  /**
   * @param {string} caption
   * @param {Column[]} columns
   * @param {Node[]} rows
   */
  #fill(caption, columns, rows) {
    this.table.hidden = !rows.length;
    this.table.replaceChildren(
      element("caption", { class: "unseen" }, caption),
      heads(columns),
      element("tbody", { role: "rowgroup" }, ...rows),
    );
    this.scale.hidden = !this.table.querySelector(".meter");
    this.scale.textContent = this.table.querySelector(".guess") ? `${METER_SAYS} ${GUESS_SAYS}` : METER_SAYS;
  }

  /**
   * @param {string} words
   * @param {string} sentence
   */
  #falsify(words, sentence) {
    this.falsifier.hidden = !sentence;
    this.falsifier.replaceChildren(element("strong", {}, words), " ", rich(sentence));
  }

  #stop() {
    this.timers.splice(0).forEach((timer) => clearTimeout(timer));
  }

  /**
   * The judgement in one line, for a live region.
   * @param {Judgement} judgement
   */
  spoken(judgement) {
    const lines = judgement.claims.map((claim) => `${plain(claim.title)}: ${claim.verdict}`);
    return [plain(judgement.headline), ...lines].join(". ");
  }
}
