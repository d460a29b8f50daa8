import assert from "node:assert/strict";
import { test } from "node:test";

import { decoded, numbers, Store, thinned } from "../../../../../app/live/browser/session/frames.js";
import { packed, rowsFrom } from "../fakes.js";

test("a frame is taken apart into its header, columns and snapshots", () => {
  const snapshot = { k: 3, step: 20, name: "s0", shape: [2, 2], values: [1, 2, 3, 4] };
  const { header, columns, snapshots } = decoded(
    packed({ columns: { step: [10, 20], time: [0.1, 0.2], c0: [5, 6] }, snapshots: [snapshot] }),
  );
  assert.equal(header.run, "a");
  assert.deepEqual(columns.step, Float64Array.of(10, 20));
  assert.deepEqual(columns.time, Float64Array.of(0.1, 0.2));
  assert.deepEqual(columns.c0, Float32Array.of(5, 6));
  assert.deepEqual(snapshots, [{ ...snapshot, values: Float32Array.of(1, 2, 3, 4) }]);
});

test("clock columns keep the digits that a step beyond four bytes needs", () => {
  const { columns } = decoded(packed({ columns: { step: [16_777_217], time: [1], c0: [16_777_217] } }));
  assert.equal(columns.step[0], 16_777_217);
  assert.equal(columns.c0[0], 16_777_216);
});

test("frames may come twice, and a frame after a gap is refused", () => {
  const store = new Store();
  assert.equal(store.append(decoded(rowsFrom(0, 4))), true);
  assert.equal(store.append(decoded(rowsFrom(2, 4))), true);
  assert.equal(store.append(decoded(rowsFrom(0, 4))), true);
  assert.equal(store.rows, 6);
  assert.equal(store.append(decoded(rowsFrom(7, 1))), false);
  assert.equal(store.rows, 6);
  assert.deepEqual([...store.column("time", 6)], [0, 1, 2, 3, 4, 5]);
});

test("a store grows beyond its first room and keeps what it held", () => {
  const store = new Store();
  for (let start = 0; start < 1000; start += 250) store.append(decoded(rowsFrom(start, 250)));
  assert.equal(store.value("time", 0), 0);
  assert.equal(store.value("c0", 999), 499.5);
  assert.ok(store.column("time", 1000) instanceof Float64Array);
  assert.ok(store.column("c0", 1000) instanceof Float32Array);
});

test("what is not held is NaN, or null for a column", () => {
  const store = new Store();
  assert.equal(store.column("c0", 1), null);
  assert.ok(Number.isNaN(store.value("c0", 0)));
  store.append(decoded(rowsFrom(0, 1)));
  assert.ok(Number.isNaN(store.value("c0", 5)));
});

test("rows until a time are those at or before it", () => {
  const store = new Store();
  store.append(decoded(rowsFrom(0, 5)));
  assert.deepEqual([-1, 0, 2, 2.5, 9].map((time) => store.rowsUntil(time)), [0, 1, 3, 3, 5]);
});

test("the newest snapshot at or before a time is found, else the first", () => {
  const store = new Store();
  const at = (k, step) => ({ k, step, name: "s0", shape: [1], values: [k] });
  store.append(decoded(rowsFrom(0, 5, { snapshots: [at(0, 0), at(2, 30)] })));
  const found = (time) => store.snapshotAt("s0", time).k;
  assert.deepEqual([-1, 2.9, 3, 9].map(found), [0, 0, 2, 2]);
  assert.equal(store.snapshotAt("s1", 0), null);
  assert.deepEqual(store.snapshotNumbers, new Set([0, 2]));
});

test("a snapshot that came before its row is found once that row is here", () => {
  const store = new Store();
  const at = (k, step) => ({ k, step, name: "s0", shape: [1], values: [k] });
  store.append(decoded(rowsFrom(0, 2, { snapshots: [at(0, 0), at(1, 30)] })));
  assert.equal(store.snapshotAt("s0", 1).k, 0);
  store.append(decoded(rowsFrom(2, 3)));
  assert.deepEqual([2, 3].map((time) => store.snapshotAt("s0", time).k), [0, 1]);
});

test("a packed array is opened, with its rows where it has several", () => {
  const bdata = Buffer.from(Float32Array.of(1, 2, 3, 4, 5, 6).buffer).toString("base64");
  assert.deepEqual(numbers({ dtype: "f4", bdata }), Float32Array.of(1, 2, 3, 4, 5, 6));
  const rows = numbers({ dtype: "<f4", bdata, shape: "2, 3" });
  assert.deepEqual(rows.map((row) => [...row]), [[1, 2, 3], [4, 5, 6]]);
  assert.deepEqual(numbers([1, 2]), [1, 2]);
});

test("a short curve is drawn as it is", () => {
  const [x, y] = [Float64Array.of(0, 1), Float32Array.of(5, 6)];
  const thin = thinned(x, y);
  assert.equal(thin.x, x);
  assert.equal(thin.y, y);
});

test("a long curve keeps its ends and every spike, in order", () => {
  const x = Float64Array.from({ length: 50_000 }, (_, i) => i);
  const y = Float32Array.from(x, (i) => (i === 12_345 ? 7 : i === 30_001 ? -7 : Math.sin(i)));
  const thin = thinned(x, y);
  assert.ok(thin.x.length <= 2000);
  assert.ok(thin.y.includes(7) && thin.y.includes(-7));
  assert.equal(thin.x[thin.y.indexOf(7)], 12_345);
  assert.equal(thin.x[0], 0);
  assert.equal(thin.x.at(-1), 49_999);
  assert.ok(thin.x.every((value, i) => i === 0 || value > thin.x[i - 1]));
});
