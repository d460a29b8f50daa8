import assert from "node:assert/strict";
import { test } from "node:test";

import { clockOf, dotsOf, factorOf, figureOf, givenScale, kindOf, unpacked } from "../../../../../app/live/browser/panels/figures.js";
import { LOOK, bound, momentOf, panelOf } from "./made.js";

test("a figure's packed arrays are opened, and its lists left", () => {
  const bdata = Buffer.from(Float64Array.of(1, 2).buffer).toString("base64");
  const { data } = unpacked({ data: [{ x: { dtype: "f8", bdata }, y: [3, 4] }], layout: {} });
  assert.deepEqual(data[0].x, Float64Array.of(1, 2));
  assert.deepEqual(data[0].y, [3, 4]);
});

test("a trace is what it says; else the run if it is bound, and theory if none says anything", () => {
  const said = panelOf({ data: [{ meta: { kind: "band" } }, {}, {}], traces: [bound({ trace: 1 })] });
  assert.deepEqual([0, 1, 2].map((i) => kindOf(said, i)), ["band", "run", ""]);
  const silent = panelOf({ data: [{}, {}], traces: [bound({ trace: 1 })] });
  assert.deepEqual([0, 1].map((i) => kindOf(silent, i)), ["theory", "run"]);
});

test("a guess is seen only when it is asked for, and then also without theory", () => {
  const panel = panelOf({
    data: ["baseline", "theory", "run"].map((kind) => ({ meta: { kind } })),
    layout: { shapes: [{ name: "baseline" }, { name: "other" }] },
  });
  const hidden = figureOf(panel, LOOK);
  assert.deepEqual(hidden.data.map(({ visible }) => visible), [false, undefined, undefined]);
  assert.deepEqual(hidden.layout.shapes, [{ name: "other" }]);
  const asked = figureOf(panel, { ...LOOK, baseline: true, theory: false });
  assert.deepEqual(asked.data.map(({ visible }) => visible), [undefined, false, undefined]);
  assert.deepEqual(asked.layout.shapes, [{ name: "baseline" }, { name: "other" }]);
});

test("an axis that is fitted leaves out what is guessed", () => {
  const data = [{ y: [1e6], meta: { kind: "baseline" } }, { y: [1, 10], meta: { kind: "theory" } }];
  const { layout } = figureOf(panelOf({ data, scale: "log" }), LOOK);
  assert.ok(layout.yaxis.range[1] < 2);
});

test("without theory its traces, and marks of the prediction, are not seen", () => {
  const kinds = ["theory", "theory2", "prediction", "run", "band"];
  const panel = panelOf({
    data: kinds.map((kind) => ({ meta: { kind } })),
    layout: { shapes: [{ name: "prediction" }, { name: "other" }], annotations: [{ name: "prediction" }] },
  });
  const { data, layout } = figureOf(panel, { ...LOOK, theory: false });
  assert.deepEqual(data.map(({ visible }) => visible), [false, false, false, undefined, undefined]);
  assert.deepEqual(layout.shapes, [{ name: "other" }]);
  assert.deepEqual(layout.annotations, []);
  assert.equal(figureOf(panel, LOOK).layout.shapes.length, 2);
});

test("on a short log axis 2 and 5 are written as large as the decades", () => {
  const layout = { yaxis: { type: "log", dtick: "D2", range: [-0.2, 0.9], tickfont: { size: 13 } } };
  const { layout: { yaxis } } = figureOf(panelOf({ layout }), LOOK);
  assert.equal(yaxis.tickfont.size, 13);
  assert.equal(yaxis.tickmode, "array");
  const at = yaxis.tickvals.indexOf(2);
  assert.deepEqual(yaxis.ticktext.slice(at - 1, at + 3), ["1", "2", "5", "10"]);
  assert.equal(yaxis.ticktext[at - 2], "0.5");
});

test("marks of digits far from 1 name their power of ten", () => {
  const layout = { yaxis: { type: "log", dtick: "D2", range: [-5.2, -4.1] } };
  const { layout: { yaxis } } = figureOf(panelOf({ layout }), LOOK);
  const at = yaxis.tickvals.findIndex((value) => value > 0.99e-5);
  assert.deepEqual(yaxis.ticktext.slice(at, at + 2), ["10<sup>\u22125</sup>", "2\u2009\u00d7\u200910<sup>\u22125</sup>"]);
});

test("a figure is drawn from a copy", () => {
  const panel = panelOf({ layout: { yaxis: { type: "log" } }, data: [{ line: { color: "role:ink", width: 2 } }] });
  const before = structuredClone(panel.figure);
  const { data } = figureOf(panel, { ...LOOK, projector: true });
  assert.deepEqual(data[0].line, { color: "#000000", width: 3.4 });
  assert.deepEqual(panel.figure, before);
});

test("the other y scale takes its own axis where one is given, and words move with it", () => {
  const annotations = [{ y: 100, text: "a" }, { y: 0, text: "b" }, { y: 5, yref: "paper", text: "c" }];
  const panel = panelOf({
    layout: { yaxis: { range: [0, 100], dtick: 10 }, annotations },
    scale: "log",
    axes: { log: { type: "log", range: [-1, 2] } },
  });
  assert.equal(givenScale(panel), "linear");
  const { layout } = figureOf(panel, LOOK);
  assert.equal(layout.yaxis.type, "log");
  assert.deepEqual(layout.yaxis.range, [-1, 2]);
  assert.equal(layout.yaxis.dtick, null);
  assert.deepEqual(layout.annotations.map(({ y, visible }) => [y, visible]), [[2, true], [-Infinity, false], [5, undefined]]);
});

test("an axis that is not given holds every positive number, but no more than 16 decades", () => {
  const data = [{ y: [1e-30, 1, 100, 0, null] }, { y: [1e9], yaxis: "y2" }];
  const { layout } = figureOf(panelOf({ data, scale: "log" }), LOOK);
  const [bottom, top] = layout.yaxis.range;
  assert.ok(Math.abs(top - (2 + 0.05 * 16)) < 1e-9);
  assert.ok(Math.abs(bottom - (-14 - 0.05 * 16)) < 1e-9);
  assert.equal(layout.yaxis.dtick, 3);
});

test("a logarithmic figure may be seen linearly", () => {
  const panel = panelOf({ data: [{ y: [0, 10] }], layout: { yaxis: { type: "log" } }, scale: "linear" });
  const { yaxis } = figureOf(panel, LOOK).layout;
  assert.equal(yaxis.type, "linear");
  assert.deepEqual(yaxis.range, [-0.5, 10.5]);
});

test("on another time axis the curves of every setting are stretched by its own factor", () => {
  const times = { "t": { axis: { type: "linear", range: [0, 1] }, factors: [1, 1] }, "τ": { axis: { type: "log", range: [0, 3] }, factors: [2, 3] } };
  const panel = panelOf({
    data: [{ x: [1, null, 2] }, { x: Float32Array.of(1, 2) }, { x: [1], meta: { source: 1 } }],
    layout: { annotations: [{ xref: "x", x: 10 }, { xref: "paper", x: 0.5 }], shapes: [{ x0: 1, x1: 2 }, { xref: "paper", x0: 0, x1: 1 }] },
    traces: [bound({ trace: 1, source: 1 })],
    times,
  });
  assert.deepEqual([factorOf(panel, LOOK), factorOf(panel, { ...LOOK, times: "τ" }, 1)], [1, 3]);
  const { data, layout } = figureOf(panel, { ...LOOK, times: "τ" });
  assert.deepEqual([...data[0].x], [2, NaN, 4]);
  assert.deepEqual([...data[1].x], [3, 6]);
  assert.deepEqual([...data[2].x], [3]);
  assert.equal(layout.xaxis.type, "log");
  assert.deepEqual(layout.shapes.map(({ x0, x1 }) => [x0, x1]), [[2, 4], [0, 1]]);
  const [moved, fixed] = layout.annotations;
  assert.ok(Math.abs(moved.x - Math.log10(20)) < 1e-12);
  assert.equal(fixed.x, 0.5);
});

test("a time axis with a factor needs no words in the figure", () => {
  const times = { "τ": { axis: { type: "linear", range: [0, 1] }, factors: [2] } };
  const { data } = figureOf(panelOf({ data: [{ x: [1] }], times }), { ...LOOK, times: "τ" });
  assert.deepEqual([...data[0].x], [2]);
});

test("an axis grows to what the run has left it by, and never shrinks", () => {
  const of = (yaxis, range) => figureOf(panelOf({ layout: { yaxis }, extension: { axis: "y", range } }), LOOK).layout.yaxis;
  assert.deepEqual(of({ range: [0, 1] }, [0.5, 3]).range, [0, 3]);
  assert.deepEqual(of({ type: "log", range: [0, 1] }, [0, 1000]).range, [0, 3]);
  const many = of({ type: "log", range: [0, 1], dtick: 1 }, [1e-13, 10]);
  assert.equal(many.dtick, 2);
  assert.equal(many.autorange, false);
});

test("a projector has larger type, lines and dashes, and the same numbers", () => {
  const panel = panelOf({
    data: [{ x: [3], line: { width: 2, dash: "6px,4px" }, marker: { size: 5 } }],
    layout: { font: { size: 10 }, margin: { l: 10 }, xaxis: { range: [0, 1], title: { font: { size: 10 } } } },
  });
  const { data, layout } = figureOf(panel, { ...LOOK, projector: true });
  assert.deepEqual(data[0], { x: [3], line: { width: 3.4, dash: "10.2px,6.8px" }, marker: { size: 8.5 } });
  assert.deepEqual([layout.font.size, layout.margin.l, layout.xaxis.title.font.size], [17, 17, 17]);
  assert.deepEqual(layout.xaxis.range, [0, 1]);
});

test("a finger scrolls the page and draws no box to zoom to", () => {
  assert.equal(figureOf(panelOf(), { ...LOOK, coarse: true }).layout.dragmode, false);
  assert.equal(figureOf(panelOf(), LOOK).layout.dragmode, undefined);
});

test("zoom is kept while job, times, scale and extension stay", () => {
  const revision = (panel, look = {}) => figureOf(panelOf(panel), { ...LOOK, ...look }).layout.uirevision;
  assert.equal(revision({}), revision({}));
  const others = [revision({}, { token: "b" }), revision({}, { times: "t" }), revision({ scale: "log" })];
  others.push(revision({ extension: { axis: "y", range: [0, 1] } }));
  assert.equal(new Set([revision({}), ...others]).size, 5);
});

test("labels of powers are drawn at the size of the others", () => {
  const { layout } = figureOf(panelOf({ layout: { xaxis: { type: "log" }, yaxis: { type: "log", ticktext: ["a"] } } }), LOOK);
  assert.equal(layout.xaxis.tickfont.size, 11.2);
  assert.equal(layout.yaxis.tickfont, undefined);
});

test("every run curve has a dot where the cursor is, and nothing else has", () => {
  const data = [{ mode: "lines" }, { meta: { kind: "band" } }, { mode: "markers" }, { line: { width: 0 } }, {}, {}];
  const traces = data.map((_, trace) => bound({ trace, factor: 2, at: trace === 4 ? "scrub" : "records" }));
  traces[5] = bound({ trace: 5, source: 1 });
  const panel = panelOf({ data, traces });
  assert.deepEqual(dotsOf(panel, momentOf({ rows: 5, cursorTime: 3 })), [{ trace: 0, x: 6, y: 1.5 }]);
  assert.equal(dotsOf(panel, momentOf({ rows: 5, other: 5, cursorTime: 3 })).length, 2);
  assert.deepEqual(dotsOf(panel, momentOf({ rows: 0, held: 5, cursorTime: 3 })), []);
});

test("a cursor stands over a panel whose curves all run over one clock", () => {
  const clock = (...xs) => clockOf(panelOf({ traces: xs.map((x) => bound({ x })) }));
  assert.equal(clock("time", "time"), "time");
  assert.equal(clock("step"), "step");
  assert.equal(clock("time", "step"), null);
  assert.equal(clock("c1"), null);
  assert.equal(clock(), null);
});
