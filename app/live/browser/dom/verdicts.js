// Verdicts as marks: a glyph and words in the verdict's colour.

import { glyph } from "./glyphs.js";
import { element } from "./words.js";

/** @import { JudgedClaim, Verdict } from "../session/messages.js" */

/** @type {Verdict[]} */
const ORDER = ["lands", "departs", "surprise", "not judged"];
/** @type {Record<Verdict, string>} */
export const WORDS = { lands: "Lands", departs: "Departs", surprise: "Surprise", "not judged": "Not judged" };
/** @type {Record<Verdict, string>} */
const PLURALS = { lands: "land", departs: "depart", surprise: "surprises", "not judged": "not judged" };

/**
 * A verdict's glyph and words in its colour.
 * @param {Verdict} verdict
 * @param {string | Node} words
 */
export function verdictMark(verdict, words) {
  return element("span", { class: "mark", "data-verdict": verdict }, glyph(verdict), element("span", {}, words));
}

/**
 * All verdicts in short: "4 of 4 claims land", or how many of each.
 * @param {JudgedClaim[]} claims
 */
export function summaryOf(claims) {
  const counts = ORDER.map((verdict) => ({ verdict, n: claims.filter((c) => c.verdict === verdict).length })).filter(({ n }) => n);
  if (counts.length === 1 && counts[0].verdict === "lands") {
    const [{ verdict, n }] = counts;
    const words = element("span", {}, `${n} of ${n} `, element("span", { class: "wide" }, n === 1 ? "claim " : "claims "), n === 1 ? "lands" : "land");
    return [verdictMark(verdict, words)];
  }
  return counts.map(({ verdict, n }) => verdictMark(verdict, `${n} ${n === 1 ? verdict : PLURALS[verdict]}`));
}
