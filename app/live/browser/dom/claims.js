// The claims table: stated before the run, judged after it, row by row.

import { verdictMark } from "./prediction.js";
import { counted, element, plain, rich, whole } from "./words.js";

const WORDS = { lands: "Lands", departs: "Departs", surprise: "Surprise", "not judged": "Not judged" };
const BETWEEN_ROWS_MS = 80;
const METER_DECADES = 3;
const METER_SAYS =
  "The bar under an error has a log scale: empty at a thousandth of the tolerance or less, " +
  "at the tick as large as the tolerance, full at a thousand times it or more.";

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

function cell(name, label, ...content) {
  return element("td", { role: "cell", class: name, "data-label": label }, ...content);
}

function claimCell(claim, where) {
  return element(
    "th",
    { scope: "row", role: "rowheader", class: "claim" },
    element("span", { class: "name" }, element("span", { class: "symbol" }, rich(claim.symbol)), claim.symbol ? " " : "", rich(claim.title)),
    element("span", { class: "second" }, rich(where)),
  );
}

function toleranceCell(text, unit) {
  return cell("tolerance", "Tolerance", element("span", {}, rich(text)), element("span", { class: "second" }, rich(unit)));
}

/** Error on a log scale three decades either side of the tolerance, which is the tick. */
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
    this.timers = [];
    this.state = "";
  }

  show(view) {
    this.view = view;
    this.state = "";
    this.judged = false;
    this.before("ready");
  }

  /** The table before the judgement, in the words of a state. */
  before(state) {
    const running = state === "running" || state === "paused";
    const words = running ? "running" : "waiting";
    if (this.state === words || !this.view) return;
    this.state = words;
    this.#stop();
    this.node.classList.remove("judged");
    this.headline.textContent = running ? "The claims, judged when the run ends" : "The claims, stated before the run";
    this.sub.textContent = `${counted(this.view.seeds ?? 1, "seed")}, tolerances fixed now`;
    const columns = [["Claim", "claim"], ["Predicted", "said"], ["Measured", "measured"], ["Tolerance", "tolerance"], ["Verdict", "verdict"]];
    const rows = (this.view.claims ?? []).map((claim) =>
      element(
        "tr",
        { role: "row", "data-claim": claim.name, "data-verdict": "" },
        claimCell(claim, ""),
        cell("said", "Predicted", rich(claim.predicted_text)),
        cell("measured none", "Measured", running ? "running" : "none yet"),
        toleranceCell(claim.tolerance_text, claim.unit),
        cell("verdict", "Verdict", verdictMark("not judged", "Not judged yet")),
      ),
    );
    this.#fill("Claims, tolerances fixed before the run", columns, rows);
    this.#falsify("What would falsify it:", this.view.falsifier);
  }

  /** The judgement; rows appear one after another, once. */
  judge(judgement, { still = false, steps = null } = {}) {
    this.state = "judged";
    this.#stop();
    this.node.classList.add("judged");
    this.headline.replaceChildren(rich(judgement.headline));
    const length = steps === null ? "" : `, ${this.#length(steps)}`;
    this.sub.textContent = counted(this.view.seeds ?? 1, "seed") + length;
    const stated = new Map((this.view.claims ?? []).map((claim) => [claim.name, claim]));
    const error = element("span", {}, "Error ", element("small", {}, "(log, tick: tolerance)"));
    const columns = [["Claim", "claim"], ["Predicted", "number"], ["Measured", "number"], [error, "error"], ["Tolerance", "tolerance"], ["Verdict", "verdict"]];
    const rows = judgement.claims.map((claim) => this.#judgedRow({ ...stated.get(claim.name), ...claim }));
    this.#fill("Claims and verdicts", columns, rows);
    this.#falsify("What would have falsified it:", judgement.falsifier ?? this.view.falsifier);
    if (still) return;
    rows.forEach((row, i) => {
      row.classList.add("coming");
      this.timers.push(setTimeout(() => row.classList.remove("coming"), 30 + BETWEEN_ROWS_MS * i));
    });
  }

  /** "6 743 steps each", "12 points": a sweep counts points. */
  #length(count) {
    const word = this.view.clock?.step_word || "step";
    const each = word === "step" && this.view.seeds > 1 ? " each" : "";
    return `${whole(count)} ${word}${count === 1 ? "" : "s"}${each}`;
  }

  #judgedRow(claim) {
    const number = (name, label, text) => cell(`number ${name}`, label, rich(text || "\u2013"));
    return element(
      "tr",
      { role: "row", "data-claim": claim.name, "data-verdict": claim.verdict },
      claimCell(claim, claim.where ? `worst: ${claim.where}` : ""),
      number("predicted", "Predicted", claim.predicted_text),
      number("measured", "Measured", claim.measured_text),
      cell("error", "Error", element("span", { class: "size" }, rich(claim.error_text || "\u2013")),
        Number.isFinite(claim.error) ? meter(claim.error, claim.tolerance) : null),
      toleranceCell(claim.tolerance_text, claim.unit),
      cell("verdict", "Verdict", verdictMark(claim.verdict, WORDS[claim.verdict] ?? claim.verdict),
        element("span", { class: "second" }, rich(claim.reason))),
    );
  }

  #fill(caption, columns, rows) {
    this.table.replaceChildren(
      element("caption", { class: "unseen" }, caption),
      heads(columns),
      element("tbody", { role: "rowgroup" }, ...rows),
    );
    this.scale.hidden = !this.table.querySelector(".meter");
  }

  #falsify(words, sentence) {
    this.falsifier.hidden = !sentence;
    this.falsifier.replaceChildren(element("strong", {}, words), " ", rich(sentence));
  }

  #stop() {
    this.timers.splice(0).forEach(clearTimeout);
  }

  /** The judgement in one line, for a live region. */
  spoken(judgement) {
    const lines = judgement.claims.map((claim) => `${plain(claim.title ?? claim.name)}: ${claim.verdict}`);
    return [plain(judgement.headline), ...lines].join(". ");
  }
}
