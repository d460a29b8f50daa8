// What the browser holds of a run: columns by row, snapshots by number. Frames are idempotent.

/** @import { Packed, Values } from "../panels/plotly.js" */
/** @import { Column, Header } from "./messages.js" */
/** @import { Frame, Numbers, Snapshot } from "./types.js" */

const FLOAT64 = new Set(["step", "time"]);
/** @type {Record<string, new (buffer: ArrayBuffer) => Values & { subarray(from: number, to: number): Values }>} */
const ARRAY_TYPES = {
  f8: Float64Array, f4: Float32Array, i4: Int32Array, u4: Uint32Array,
  i2: Int16Array, u2: Uint16Array, i1: Int8Array, u1: Uint8Array,
};

/**
 * Header, columns and snapshots of one binary frame.
 * @param {ArrayBuffer} buffer
 * @returns {Frame}
 */
export function decoded(buffer) {
  const headerLength = new DataView(buffer).getUint32(0, true);
  /** @type {Header} */
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, headerLength)));
  let at = 4 + headerLength;
  /** @param {number} bytes */
  const take = (bytes) => {
    at += bytes;
    return buffer.slice(at - bytes, at);
  };
  /** @type {Record<Column, Numbers>} */
  const columns = {};
  for (const name of header.columns) {
    columns[name] = FLOAT64.has(name) ? new Float64Array(take(8 * header.rows)) : new Float32Array(take(4 * header.rows));
  }
  const snapshots = header.snapshots.map((entry) => ({
    ...entry,
    values: new Float32Array(take(4 * entry.shape.reduce((product, n) => product * n, 1))),
  }));
  return { header, columns, snapshots };
}

/**
 * Plain numbers of a figure's array, which may be a list or packed.
 * @param {Values | ArrayLike<Values> | Packed} values
 * @returns {Values | ArrayLike<Values>}
 */
export function numbers(values) {
  if (!("bdata" in values)) return values;
  const text = atob(values.bdata);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  const flat = new ARRAY_TYPES[values.dtype.replace(/^[<|=]/, "")](bytes.buffer);
  const shape = values.shape ? String(values.shape).split(",").map(Number) : [flat.length];
  if (shape.length < 2) return flat;
  return Array.from({ length: shape[0] }, (_, i) => flat.subarray(i * shape[1], (i + 1) * shape[1]));
}

/** The records and snapshots received so far from one run. */
export class Store {
  constructor() {
    this.rows = 0;
    /** Longer than the rows that are held: @type {Record<Column, Numbers>} */
    this.columns = {};
    /** By number, with gaps: @type {Record<Column, Snapshot[]>} */
    this.snapshots = {};
    /** @type {Set<number>} */
    this.snapshotNumbers = new Set();
  }

  /**
   * Takes a frame; false if rows before it are missing here.
   * @param {Frame} frame
   */
  append({ header, columns, snapshots }) {
    const end = header.start + header.rows;
    if (header.start > this.rows) return false;
    for (const [name, values] of Object.entries(columns)) {
      const grown = this.#grown(this.columns[name], end, values);
      grown.set(values, header.start);
      this.columns[name] = grown;
    }
    this.rows = Math.max(this.rows, end);
    for (const snapshot of snapshots) this.#keep(snapshot);
    return true;
  }

  /**
   * @param {Numbers | undefined} values
   * @param {number} length
   * @param {Numbers} like
   * @returns {Numbers}
   */
  #grown(values, length, like) {
    if (values && values.length >= length) return values;
    const room = Math.max(256, 2 * length);
    const larger = like instanceof Float64Array ? new Float64Array(room) : new Float32Array(room);
    larger.fill(NaN);
    if (values) larger.set(values);
    return larger;
  }

  /** @param {Snapshot} snapshot */
  #keep(snapshot) {
    this.snapshotNumbers.add(snapshot.k);
    const known = (this.snapshots[snapshot.name] ??= []);
    known[snapshot.k] = snapshot;
  }

  /**
   * The first `rows` values of a column, a view; null while it has none.
   * @param {Column} name
   * @param {number} rows
   */
  column(name, rows) {
    return this.columns[name]?.subarray(0, rows) ?? null;
  }

  /**
   * NaN where there is none.
   * @param {Column} name
   * @param {number} row
   */
  value(name, row) {
    return this.columns[name]?.[row] ?? NaN;
  }

  /**
   * Number of rows whose time is at most `time`.
   * @param {number} time
   */
  rowsUntil(time) {
    const times = this.columns.time ?? this.columns.step;
    let low = 0;
    let high = this.rows;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * The snapshot of `name` nearest at or before `time`; the first one if none is.
   * @param {Column} name
   * @param {number} time
   */
  snapshotAt(name, time) {
    // By its step, since a snapshot may be here before the row that has its time.
    const rows = this.rowsUntil(time);
    const step = rows ? this.value("step", rows - 1) : -Infinity;
    /** @type {Snapshot | null} */
    let found = null;
    for (const snapshot of this.snapshots[name] ?? []) {
      if (!snapshot) continue;
      if (found && snapshot.step > step) break;
      found = snapshot;
    }
    return found;
  }
}

const MOST_POINTS = 2000;

/**
 * At most 2000 points of a curve: the lowest and the highest of each bin, in order.
 * @param {Values} x
 * @param {Values} y
 * @returns {{ x: Values, y: Values }}
 */
export function thinned(x, y) {
  const length = y.length;
  if (length <= MOST_POINTS) return { x, y };
  const bins = MOST_POINTS / 2;
  const kept = [];
  for (let bin = 0; bin < bins; bin += 1) {
    const from = Math.floor((bin * length) / bins);
    const to = Math.floor(((bin + 1) * length) / bins);
    let low = from;
    let high = from;
    for (let i = from + 1; i < to; i += 1) {
      if (y[i] < y[low]) low = i;
      if (y[i] > y[high]) high = i;
    }
    if (low === high) kept.push(low);
    else kept.push(Math.min(low, high), Math.max(low, high));
  }
  kept[0] = 0;
  kept[kept.length - 1] = length - 1;
  return { x: Float64Array.from(kept, (i) => x[i]), y: Float64Array.from(kept, (i) => y[i]) };
}
