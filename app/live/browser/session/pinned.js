// A run that is over, as the shelf keeps it: its curves panel by panel, and its verdicts. No DOM.

import { thinned } from "./frames.js";

/** @import { Store } from "./frames.js" */
/** @import { Binding, Judgement, Panel, View } from "./messages.js" */
/** @import { PinnedLine, PinnedRun } from "./types.js" */

/** Curves of a panel that are kept: more could not be told apart. */
const MOST_LINES = 8;
const DIGITS = 6;

/**
 * What is kept of a run that has been judged.
 * @param {View} view
 * @param {Store} store
 * @param {Judgement} judgement
 * @returns {PinnedRun}
 */
export function pinnedRun(view, store, judgement) {
  const panels = Object.fromEntries(view.panels.map((panel) => [panel.id, { lines: linesOf(panel, store), factors: factorsOf(panel) }]));
  return { hash: view.hash, claims: judgement.claims, panels };
}

/**
 * The run's own curves along its records; maps, and what moves with the scrubber, are none.
 * @param {Panel} panel
 * @param {Store} store
 */
function linesOf(panel, store) {
  /** @type {PinnedLine[]} */
  const lines = [];
  for (const binding of panel.traces) {
    const line = lines.length < MOST_LINES && isCurve(panel, binding) ? lineOf(panel, binding, store) : null;
    if (line) lines.push(line);
  }
  return lines;
}

/**
 * @param {Panel} panel
 * @param {Binding} binding
 */
function isCurve({ figure }, { trace, x, y, z, at, source, marks }) {
  const { type = "scatter", mode = "lines", meta } = figure.data[trace];
  const drawn = type === "scatter" && !mode.includes("text") && (meta?.kind ?? "run") === "run";
  return drawn && at === "records" && source === 0 && x !== null && y !== null && z === null && marks === null;
}

/**
 * @param {Panel} panel
 * @param {Binding} binding
 * @param {Store} store
 * @returns {PinnedLine | null}
 */
function lineOf({ figure }, binding, store) {
  const along = store.column(binding.x ?? "", store.rows);
  const up = store.column(binding.y ?? "", store.rows);
  if (!along || !up) return null;
  const { x, y } = thinned(along, up);
  const { xaxis, yaxis, connectgaps } = figure.data[binding.trace];
  return { x: short(x), y: short(y), xaxis, yaxis, connectgaps };
}

/**
 * Numbers as they are kept: few digits, and null where there is none.
 * @param {ArrayLike<number>} values
 */
function short(values) {
  return Array.from(values, (value) => (Number.isFinite(value) ? Number(value.toPrecision(DIGITS)) : null));
}

/**
 * What its times are multiplied by on each time axis.
 * @param {Panel} panel
 */
function factorsOf({ times = {} }) {
  return Object.fromEntries(Object.entries(times).map(([word, { factors }]) => [word, factors[0]]));
}
