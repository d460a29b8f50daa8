// The shelf: runs that were pinned, what differs among their settings, and all claims side by side.

import { glyph, sample } from "./glyphs.js";
import { verdictMark, WORDS } from "./verdicts.js";
import { element, fill, rich } from "./words.js";

/** @import { Claim, JudgedClaim, View } from "../session/messages.js" */
/** @import { Shelf as Given } from "../session/page.js" */
/** @import { PinnedRun } from "../session/types.js" */
/** @import { ShelfActions } from "./types.js" */

/**
 * A column of the table: its claims are null where it has not run.
 * @typedef {object} Column
 * @property {(Node | string)[]} head
 * @property {JudgedClaim[] | null} claims
 */

const PIN_SAYS = "keep this run in the picture and in the table below while you change the settings (key K)";

/** The button that pins, and the table of what is pinned. */
export class Shelf {
  /** @param {ShelfActions} actions */
  constructor(actions) {
    this.actions = actions;
    this.button = element("button", { type: "button", "data-action": "pin", title: PIN_SAYS, hidden: true, onclick: () => actions.pin() }, "Pin this run");
    this.runAll = element("button", { type: "button", "data-action": "run-pins", onclick: () => actions.runAll() }, "Run the pinned ones");
    this.said = element("p", { class: "said", role: "status" });
    this.table = element("table");
    const head = element("header", {}, element("h2", { id: "shelf" }, "Side by side"), this.runAll);
    this.node = element("section", { class: "shelf", "aria-labelledby": "shelf", hidden: true }, head, this.said, element("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "shelf" }, this.table));
  }

  /**
   * Whether this run can be pinned, or why not.
   * @param {string} why "" where it can
   */
  allow(why) {
    this.button.disabled = why !== "";
    this.button.title = why || PIN_SAYS;
  }

  /**
   * @param {{ given: Given, view: View, own: JudgedClaim[] | null, beside: JudgedClaim[] | null, title: string,
   *   kept: (name: string) => PinnedRun | null, running: boolean, sentence: string }} shown
   */
  show({ given, view, own, beside, title, kept, running, sentence }) {
    const runs = given.pins.map(({ name }) => kept(name));
    this.node.hidden = !given.pins.length && !beside;
    this.runAll.hidden = !runs.includes(null);
    this.runAll.disabled = running;
    this.runAll.textContent = running ? "Running them" : "Run the pinned ones";
    this.said.textContent = sentence;
    this.said.hidden = !sentence;
    if (this.node.hidden) return;
    const { knobs, pins } = given;
    const key = [knobs, pins, view.claims, own, beside, title, runs.map((run) => run?.claims ?? null)];
    fill(this.table, key, () => {
      /** @type {Column[]} */
      const columns = [{ head: [given.title], claims: own }];
      if (given.beside) columns.push({ head: [`beside it: ${title}`], claims: beside });
      given.pins.forEach((pin, i) => columns.push({ head: this.#head(pin, i), claims: runs[i]?.claims ?? null }));
      return [element("caption", { class: "unseen" }, "Settings that differ, and the claims of each run"), headOf(columns), bodyOf(given, view, columns)];
    });
  }

  /**
   * @param {Given["pins"][number]} pin
   * @param {number} i
   */
  #head({ name, letter, link }, i) {
    const said = `unpin ${letter}`;
    return [
      sample("pin", i),
      element("a", { href: new URL(link, location.href), title: "open this setting" }, letter),
      element("button", { type: "button", class: "word", "data-unpin": name, title: said, "aria-label": said, onclick: () => this.actions.unpin(name) }, glyph("broken", 14)),
    ];
  }
}

/** @param {Column[]} columns */
function headOf(columns) {
  const cells = columns.map(({ head }) => element("th", { scope: "col" }, element("span", { class: "head" }, ...head)));
  return element("thead", {}, element("tr", {}, element("td", {}), ...cells));
}

/**
 * The knobs that differ, then every claim.
 * @param {Given} given
 * @param {View} view
 * @param {Column[]} columns
 */
function bodyOf(given, view, columns) {
  const knobs = given.knobs.map(({ label, values }) =>
    element("tr", { class: "knob" }, element("th", { scope: "row" }, rich(label)), ...values.map((value) => element("td", {}, value))),
  );
  const claims = namesOf(view, columns).map((claim) =>
    element("tr", { "data-compared": claim.name }, element("th", { scope: "row" }, element("span", { class: "symbol" }, rich(claim.symbol)), claim.symbol ? " " : "", rich(claim.title)),
      ...columns.map(({ claims: judged }) => claimCell(judged, claim.name))),
  );
  return element("tbody", {}, ...knobs, ...claims);
}

/**
 * Every claim that any of the runs has, those of the page first.
 * @param {View} view
 * @param {Column[]} columns
 */
function namesOf(view, columns) {
  /** @type {Map<string, Pick<Claim, "name" | "title" | "symbol">>} */
  const found = new Map(view.claims.map((claim) => [claim.name, claim]));
  for (const { claims } of columns) for (const claim of claims ?? []) if (!found.has(claim.name)) found.set(claim.name, claim);
  return [...found.values()];
}

/**
 * @param {JudgedClaim[] | null} judged
 * @param {string} name
 */
function claimCell(judged, name) {
  if (!judged) return element("td", { class: "none" }, "not run yet");
  const claim = judged.find((one) => one.name === name);
  if (!claim) return element("td", { class: "none" }, "does not arise");
  const { verdict, predicted_text: predicted, measured_text: measured, error_text: error, tolerance_text: tolerance } = claim;
  return element(
    "td",
    { "data-verdict": verdict },
    verdictMark(verdict, WORDS[verdict]),
    element("span", { class: "second" }, "predicted ", rich(predicted || "\u2013"), ", measured ", rich(measured || "\u2013")),
    element("span", { class: "second" }, "error ", rich(error || "\u2013"), ", tolerance ", rich(tolerance || "\u2013")),
  );
}
