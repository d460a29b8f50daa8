import assert from "node:assert/strict";
import { test } from "node:test";

import { boundValues, definedOnly, marked } from "../../../../../app/live/browser/panels/arrays.js";
import { figureOf } from "../../../../../app/live/browser/panels/figures.js";
import { LOOK, bound, momentOf, panelOf, plain, snapped } from "./made.js";

test("a curve holds what has been played, whatever is computed", () => {
  const { x, y } = boundValues(bound(), momentOf({ rows: 3, held: 8 }));
  assert.deepEqual([...x], [0, 1, 2]);
  assert.deepEqual([...y], [0, 0.5, 1]);
  assert.deepEqual(plain(boundValues(bound(), momentOf())), { x: [], y: [] });
});

test("times are stretched by the factor of their setting", () => {
  const { x } = boundValues(bound({ factor: 3 }), momentOf({ rows: 3 }));
  assert.deepEqual([...x], [0, 3, 6]);
});

test("the second setting is seen up to the time of the first, and whole at the end", () => {
  const rows = (more) => boundValues(bound({ source: 1 }), momentOf({ rows: 3, other: 9, ...more })).x.length;
  assert.equal(rows(), 3);
  assert.equal(rows({ complete: true }), 9);
});

test("under the cursor stands the newest snapshot before it, by rows where it is a map", () => {
  const moment = (cursorTime) => snapped([2, 2], [1, 2, 3, 4], [5, 6, 7, 8], { rows: 4, cursorTime });
  const map = bound({ at: "scrub", x: null, y: null, z: "s0" });
  assert.deepEqual(plain(boundValues(map, moment(1.9))), { z: [[1, 2], [3, 4]] });
  assert.deepEqual(plain(boundValues(map, moment(2))), { z: [[5, 6], [7, 8]] });
  const curve = bound({ at: "scrub", x: "c0", y: "s0" });
  assert.deepEqual(plain(boundValues(curve, moment(2))), { x: [1], y: [5, 6, 7, 8] });
});

test("what moves with the cursor stands as it was drawn until there is a run", () => {
  const given = { x: [1, 2], y: [3, 4], z: [[9]] };
  assert.deepEqual(boundValues(bound({ at: "scrub", x: "s0", y: "s1", given }), momentOf()), { x: [1, 2], y: [3, 4] });
  assert.deepEqual(boundValues(bound({ at: "scrub", x: null, y: null, z: "s0", given }), momentOf()), { z: [] });
});

test("a solid picture is turned with its depth, of the run or as it was drawn", () => {
  const view = { azimuth: Math.PI / 2, height: 0 };
  const binding = bound({ at: "scrub", x: "c0", y: "c0", depth: "s0", view });
  const { x } = boundValues(binding, snapped([1], [7], [8], { rows: 3, cursorTime: 0 }));
  assert.ok(Math.abs(x[0] - 7) < 1e-12);
  const given = { x: [1], y: [2], meta: { depth: [5] } };
  assert.ok(Math.abs(boundValues({ ...binding, given }, momentOf()).x[0] - 5) < 1e-12);
  const data = [{ x: [1], y: [2], meta: { depth: [5] } }];
  assert.ok(Math.abs(figureOf(panelOf({ data, view }), LOOK).data[0].x[0] - 5) < 1e-12);
});

test("what has no depth before the run stands where it was drawn, whatever the side", () => {
  const view = { azimuth: 1, height: 0 };
  const given = { x: [1], y: [2] };
  const binding = bound({ at: "scrub", x: "s0", y: "s1", depth: "s2", view, given });
  assert.deepEqual(boundValues(binding, momentOf()), { x: [1], y: [2] });
});

test("arrays that are not there leave the figure's in place", () => {
  assert.deepEqual(definedOnly({ x: [], y: undefined, z: null }), { x: [] });
});

test("a hover box is told the numbers of every point, or the words they count, whole curves of them", () => {
  const said = [{ column: "c0", words: [] }, { column: "time", words: ["lands", "departs"] }];
  const { customdata, marks } = boundValues(bound({ said, marks: "time" }), momentOf({ rows: 3, held: 3 }));
  assert.deepEqual(customdata, [["0", "lands"], ["0.5", "departs"], ["1", ""]]);
  assert.deepEqual([...marks], [0, 1, 2]);
  assert.equal(boundValues(bound({ said }), momentOf({ rows: 5000 })).y.length, 5000);
});

test("a hover box is told the same of the cells of a map", () => {
  const said = [{ column: "s0", words: [] }, { column: "s0", words: ["", "one", "two"] }];
  const map = bound({ at: "scrub", x: null, y: null, z: "s0", said });
  const { customdata } = boundValues(map, snapped([1, 2], [1, 2], [3, 4], { rows: 4, cursorTime: 0 }));
  assert.deepEqual(customdata, [[["1", "one"], ["2", "two"]]]);
});

test("each dot has the colour and outline its number chooses, and its trace's size", () => {
  const trace = { marker: { size: 9, color: "black" }, meta: { marks: { colours: ["green", "red"], symbols: ["circle", "diamond"] } } };
  assert.deepEqual(marked(trace, Float32Array.of(1, 0)), { size: 9, color: ["red", "green"], symbol: ["diamond", "circle"] });
});
