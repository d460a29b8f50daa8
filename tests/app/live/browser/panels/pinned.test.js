import assert from "node:assert/strict";
import { test } from "node:test";

import { figureOf } from "../../../../../app/live/browser/panels/figures.js";
import { overlaid, STROKES } from "../../../../../app/live/browser/panels/pinned.js";
import { LOOK, panelOf } from "./made.js";

function viewOf(more = {}) {
  const layout = { xaxis: { type: "linear", range: [0, 4] }, yaxis: { type: "log", range: [-2, 1] } };
  const loss = { id: "loss", ...panelOf({ data: [{ y: [1, 10], meta: { kind: "theory" } }], layout }), ...more };
  return { panels: [loss, { id: "other", ...panelOf() }], legend: [], warnings: [] };
}

function pinned(x, y, { stroke = 0, factors = {} } = {}) {
  const run = { hash: "", claims: [], panels: { loss: { lines: [{ x, y }], factors } } };
  return { letter: "ABCD"[stroke], label: `${"ABCD"[stroke]}: <i>other</i>`, words: `${"ABCD"[stroke]}: other`, stroke, run };
}

test("a pinned run is a curve of its own in the large picture alone, with its name", () => {
  const view = viewOf();
  const made = overlaid(view, [pinned([0, 1, 2], [1, null, 3])], "loss");
  const [, curve, name] = made.panels[0].figure.data;
  assert.equal(curve.name, "A: other");
  assert.deepEqual(curve.line, { color: STROKES[0].line, width: 2.1, dash: STROKES[0].dash });
  assert.ok(Number.isNaN(curve.y[1]));
  assert.deepEqual(name.text, ["A: <i>other</i>"]);
  assert.equal(made.panels[1], view.panels[1]);
  assert.equal(view.panels[0].figure.data.length, 1);
  assert.deepEqual(made.legend.map(({ kind, words }) => [kind, words]), [["pin", "<span>pinned: A</span>"]]);
});

test("axes reach as far as the pinned curves, and never less far than before", () => {
  const made = overlaid(viewOf(), [pinned([0, 9], [1e-4, 10])], "loss");
  const { xaxis, yaxis } = made.panels[0].figure.layout;
  assert.deepEqual(xaxis.range, [0, 9]);
  assert.deepEqual(yaxis.range, [-4, 1]);
  const inside = overlaid(viewOf(), [pinned([1, 2], [1, 0])], "loss");
  assert.deepEqual(inside.panels[0].figure.layout.yaxis.range, [-2, 1]);
});

test("an end of an axis that cuts the panel's own curves stays, and the name is where it can be seen", () => {
  const data = [{ x: [0, 400], y: [1, 1], meta: { kind: "theory" } }];
  const layout = { xaxis: { type: "linear", range: [-1, 20] }, yaxis: { type: "log", range: [-2, 1] } };
  const view = { panels: [{ id: "loss", ...panelOf({ data, layout }) }], legend: [] };
  const made = overlaid(view, [pinned([0, 10, 300, 400], [1, 2, 3, 100], { stroke: 3 })], "loss");
  assert.deepEqual(made.panels[0].figure.layout.xaxis.range, [-1, 20]);
  assert.deepEqual(made.panels[0].figure.layout.yaxis.range, [-2, 2]);
  assert.ok(made.panels[0].figure.data.at(-1).x[0] <= 10);
});

test("on another time axis each run is stretched by its own factor", () => {
  const times = { time: { axis: { type: "linear", range: [0, 8] }, factors: [2] } };
  const made = overlaid(viewOf({ times }), [pinned([0, 9], [1, 1], { factors: { time: 3 } })], "loss");
  const [panel] = made.panels;
  assert.deepEqual(panel.times.time.factors, [2, 3]);
  assert.deepEqual(panel.times.time.axis.range, [0, 27]);
  const { data } = figureOf(panel, { ...LOOK, times: "time" });
  assert.deepEqual([...data[1].x], [0, 27]);
});

test("no two pinned runs have the hue or the dash of another", () => {
  assert.equal(new Set(STROKES.map(({ line }) => line)).size, STROKES.length);
  assert.equal(new Set(STROKES.map(({ dash }) => dash)).size, STROKES.length);
});

test("a picture without curves of theirs stays as it is, and guessing hides them", () => {
  const view = viewOf();
  assert.equal(overlaid(view, [pinned([0], [1])], "other"), view);
  assert.equal(overlaid(view, [], "loss"), view);
  const made = overlaid(view, [pinned([0, 1], [1, 2])], null);
  const { data } = figureOf(made.panels[0], { ...LOOK, guessing: true });
  assert.deepEqual(data.slice(1).map(({ visible }) => visible), [false, false]);
});
