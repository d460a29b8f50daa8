// What a run's records and snapshots put into a trace at a moment: pure functions, no DOM.

import { thinned } from "../session/frames.js";
import { turned } from "./turning.js";
import { brief } from "../dom/words.js";

/** @import { Store } from "../session/frames.js" */
/** @import { Moment, Snapshot } from "../session/types.js" */
/** @import { Trace, Values } from "./plotly.js" */
/** @import { Arrays, Bound } from "./types.js" */

/**
 * Values times a factor; a gap, which JSON writes as null, stays one.
 * @param {Values} values
 * @param {number} factor
 */
export function scaled(values, factor) {
  return Float64Array.from(values, (value) => (value === null ? NaN : value * factor));
}

/**
 * How many rows of a setting are seen.
 * @param {number} source
 * @param {Moment} moment
 */
export function rowsOf(source, moment) {
  const store = moment.stores[source];
  if (!moment.rows) return 0;
  if (source === 0) return Math.min(moment.rows, store.rows);
  return moment.complete ? store.rows : store.rowsUntil(moment.time);
}

/**
 * The arrays of one bound trace at a moment, each undefined where the figure's stays.
 * @param {Bound} binding
 * @param {Moment} moment
 * @returns {Arrays}
 */
export function boundValues(binding, moment) {
  const { source } = binding;
  const store = moment.stores[source];
  if (binding.at === "scrub") return scrubValues(binding, store, moment);
  const rows = rowsOf(source, moment);
  const y = (binding.y && store.column(binding.y, rows)) || [];
  const x = binding.x ? (store.column(binding.x, rows) ?? []) : undefined;
  if (!x) return { y };
  if (binding.said.length || binding.marks) return { x, y, ...saidOf(binding, store, rows) };
  const values = thinned(x, y);
  const { factor = 1 } = binding;
  return factor === 1 ? values : { ...values, x: scaled(values.x, factor) };
}

/**
 * What is said of the points, and how they are marked.
 * @param {Bound} binding
 * @param {Store} store
 * @param {number} rows
 * @returns {Arrays}
 */
function saidOf({ said, marks }, store, rows) {
  const columns = said.map(({ column }) => store.column(column, rows) ?? []);
  const customdata = Array.from({ length: rows }, (_, i) => said.map(({ words }, k) => told(columns[k][i], words)));
  return { customdata, marks: marks ? (store.column(marks, rows) ?? undefined) : undefined };
}

/**
 * The same of the cells of a map.
 * @param {Bound} binding
 * @param {Store} store
 * @param {number} time
 */
function saidOfCells({ said }, store, time) {
  const maps = said.map(({ column }) => mapOf(store.snapshotAt(column, time)));
  if (!maps.length) return undefined;
  const [first] = /** @type {Values[][]} */ (maps);
  return first.map((row, i) =>
    Array.from(row, (_, j) => said.map(({ words }, k) => told(/** @type {Values[][]} */ (maps)[k][i][j], words))),
  );
}

/**
 * A number in a hover box, or the word it counts.
 * @param {number} value
 * @param {string[]} words
 */
function told(value, words) {
  return words.length ? (words[value] ?? "") : brief(value);
}

/**
 * The marker of a trace whose dots each have a mark of their own.
 * @param {Trace} trace
 * @param {Values} chosen
 */
export function marked({ marker, meta }, chosen) {
  const { colours = [], symbols = [] } = meta?.marks ?? {};
  /** @param {string[]} list */
  const each = (list) => Array.from(chosen, (k) => list[k]);
  return { ...marker, color: each(colours), symbol: each(symbols) };
}

/**
 * @param {Bound} binding
 * @param {Store} store
 * @param {Moment} moment
 * @returns {Arrays}
 */
function scrubValues(binding, store, moment) {
  const row = Math.max(0, store.rowsUntil(moment.cursorTime) - 1);
  /** @param {"x" | "y" | "depth"} key */
  const flat = (key) => {
    const name = binding[key];
    if (!name) return undefined;
    // Without a depth of its own, what is drawn before the run cannot be turned.
    if (!store.rows) return key === "depth" ? binding.given?.meta?.depth : (binding.given?.[key] ?? []);
    return isSnapshot(name) ? (store.snapshotAt(name, moment.cursorTime)?.values ?? []) : [store.value(name, row)];
  };
  /** @type {Arrays & { depth?: Values }} */
  const { depth, ...values } = definedOnly({ x: flat("x"), y: flat("y"), depth: flat("depth") });
  if (binding.z) values.z = store.rows ? mapOf(store.snapshotAt(binding.z, moment.cursorTime)) : [];
  if (store.rows && binding.said.length) values.customdata = saidOfCells(binding, store, moment.cursorTime);
  const { x, y } = values;
  return depth && x && y && binding.view ? { ...values, ...turned({ x, y, depth }, binding.view) } : values;
}

/**
 * What there is among some arrays: the others keep what a figure has.
 * @template {object} T
 * @param {T} values
 * @returns {Partial<T>}
 */
export function definedOnly(values) {
  return /** @type {Partial<T>} */ (Object.fromEntries(Object.entries(values).filter(([, value]) => value)));
}

/** @param {string} name */
function isSnapshot(name) {
  return /^s\d/.test(name);
}

/**
 * The rows of a snapshot.
 * @param {Snapshot | null} snapshot
 */
function mapOf(snapshot) {
  if (!snapshot) return [];
  const { values, shape } = snapshot;
  if (shape.length < 2) return values;
  return Array.from({ length: shape[0] }, (_, i) => values.subarray(i * shape[1], (i + 1) * shape[1]));
}
