// Panels, and moments of a run, for the tests beside this file.

import { decoded, Store } from "../../../../../app/live/browser/session/frames.js";
import { rowsFrom } from "../fakes.js";

export const LOOK = { palette: { ink: "#000000" }, mode: "light", projector: false, theory: true, guessing: false, baseline: false, coarse: false, times: null, token: "a" };

export function bound(more = {}) {
  return { trace: 0, x: "time", y: "c0", z: null, depth: null, said: [], marks: null, at: "records", source: 0, ...more };
}

export function panelOf({ data = [{ y: [1, 10] }], layout = {}, traces = [], ...more } = {}) {
  return { scale: null, extension: null, traces, figure: { data, layout }, ...more };
}

export function momentOf({ rows = 0, held = rows, other = 0, cursorTime = rows - 1, complete = false } = {}) {
  const stores = [new Store(), new Store()];
  if (held) stores[0].append(decoded(rowsFrom(0, held)));
  if (other) stores[1].append(decoded(rowsFrom(0, other)));
  return { stores, rows, complete, time: rows - 1, cursorTime };
}

/** A moment with one snapshot "s0" at step 0 and another at step 20. */
export function snapped(shape, first, second, more = {}) {
  const moment = momentOf(more);
  const at = (k, step, values) => ({ k, step, name: "s0", shape, values });
  const frame = rowsFrom(0, more.held ?? more.rows, { snapshots: [at(0, 0, first), at(1, 20, second)] });
  moment.stores[0].append(decoded(frame));
  return moment;
}

export const plain = (values) => JSON.parse(JSON.stringify(values, (_, value) => (ArrayBuffer.isView(value) ? [...value] : value)));
