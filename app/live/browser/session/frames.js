// What the browser holds of a run: columns by row, snapshots by number. Frames are idempotent.

const FLOAT64 = new Set(["step", "time"]);
const ARRAY_TYPES = {
  f8: Float64Array, f4: Float32Array, i4: Int32Array, u4: Uint32Array,
  i2: Int16Array, u2: Uint16Array, i1: Int8Array, u1: Uint8Array,
};

/** Header, columns and snapshots of one binary frame. */
export function decoded(buffer) {
  const headerLength = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, headerLength)));
  let at = 4 + headerLength;
  const take = (Type, length) => {
    const end = at + length * Type.BYTES_PER_ELEMENT;
    const values = new Type(buffer.slice(at, end));
    at = end;
    return values;
  };
  const columns = {};
  for (const name of header.columns ?? []) {
    columns[name] = take(FLOAT64.has(name) ? Float64Array : Float32Array, header.rows);
  }
  const snapshots = (header.snapshots ?? []).map((entry) => ({
    ...entry,
    values: take(Float32Array, entry.shape.reduce((product, n) => product * n, 1)),
  }));
  return { header, columns, snapshots };
}

/** Plain numbers of a figure's array, which may be a list or Plotly's {dtype, bdata}. */
export function numbers(values) {
  if (!values || !values.bdata) return values;
  const bytes = Uint8Array.from(atob(values.bdata), (character) => character.charCodeAt(0));
  const flat = new ARRAY_TYPES[values.dtype.replace(/^[<|=]/, "")](bytes.buffer);
  const shape = values.shape ? String(values.shape).split(",").map(Number) : [flat.length];
  if (shape.length < 2) return flat;
  return Array.from({ length: shape[0] }, (_, i) => flat.subarray(i * shape[1], (i + 1) * shape[1]));
}

/** The records and snapshots received so far from one run. */
export class Store {
  constructor() {
    this.rows = 0;
    this.columns = {};
    this.snapshots = {};
    this.snapshotNumbers = new Set();
  }

  /** Takes a frame; false if rows before it are missing here. */
  append({ header, columns, snapshots }) {
    const end = header.start + header.rows;
    if (header.start > this.rows) return false;
    for (const [name, values] of Object.entries(columns)) {
      this.columns[name] = this.#grown(this.columns[name], end, values.constructor);
      this.columns[name].set(values, header.start);
    }
    this.rows = Math.max(this.rows, end);
    for (const snapshot of snapshots) this.#keep(snapshot);
    return true;
  }

  #grown(values, length, Type) {
    if (values && values.length >= length) return values;
    const larger = new Type(Math.max(256, 2 * length)).fill(NaN);
    if (values) larger.set(values);
    return larger;
  }

  #keep(snapshot) {
    this.snapshotNumbers.add(snapshot.k);
    const known = (this.snapshots[snapshot.name] ??= []);
    const time = snapshot.time ?? this.timeAtStep(snapshot.step);
    known[snapshot.k] = { ...snapshot, time };
  }

  /** The first `rows` values of a column, a view; null while it has none. */
  column(name, rows) {
    return this.columns[name]?.subarray(0, rows) ?? null;
  }

  value(name, row) {
    return this.columns[name]?.[row] ?? NaN;
  }

  /** Number of rows whose time is at most `time`. */
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

  timeAtStep(step) {
    const steps = this.columns.step;
    if (!steps) return NaN;
    for (let row = 0; row < this.rows; row += 1) {
      if (steps[row] >= step) return this.value("time", row);
    }
    return NaN;
  }

  /** The snapshot of `name` nearest at or before `time`; the first one if none is. */
  snapshotAt(name, time) {
    let found = null;
    for (const snapshot of this.snapshots[name] ?? []) {
      if (!snapshot) continue;
      if (found && snapshot.time > time) break;
      found = snapshot;
    }
    return found;
  }
}

const MOST_POINTS = 2000;

/** At most 2000 points of a curve: the lowest and the highest of each bin, in order. */
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
