import assert from "node:assert/strict";
import { test } from "node:test";

import { dress, modeOf, resolved } from "../../../../../app/live/browser/panels/colours.js";
import { global } from "../fakes.js";

const PALETTE = { ink: "#102030", series0: "rgb(0, 114, 178)" };

test("a role becomes the colour of the palette, wherever it stands in a figure", () => {
  const figure = { data: [{ line: { color: "role:ink" } }], layout: { colorway: ["role:series0", "red"] } };
  assert.deepEqual(resolved(figure, PALETTE, "light"), {
    data: [{ line: { color: "#102030" } }],
    layout: { colorway: ["rgb(0, 114, 178)", "red"] },
  });
});

test("a role may have an alpha, or that of a band in its mode", () => {
  assert.equal(resolved("role:ink/0.5", PALETTE, "light"), "rgba(16,32,48,0.5)");
  assert.equal(resolved("role:series0/band", PALETTE, "light"), "rgba(0,114,178,0.2)");
  assert.equal(resolved("role:series0/band", PALETTE, "dark"), "rgba(0,114,178,0.32)");
});

test("text around a role stays, and so does a role nobody knows", () => {
  const text = '<span style="color: role:ink">a</span> role:none';
  assert.equal(resolved(text, PALETTE, "light"), '<span style="color: #102030">a</span> role:none');
});

test("a figure is copied, but its numbers are shared", () => {
  const figure = { x: [1, 2], y: Float32Array.of(1), gap: [null, 1], words: ["a"], none: null };
  const copy = resolved(figure, PALETTE, "light");
  assert.notEqual(copy, figure);
  assert.equal(copy.x, figure.x);
  assert.equal(copy.y, figure.y);
  assert.notEqual(copy.words, figure.words);
  assert.deepEqual(copy, figure);
});

test("a colour scale, which begins with a number, has its roles resolved", () => {
  assert.deepEqual(resolved([[0, "role:ink"]], PALETTE, "light"), [[0, "#102030"]]);
  assert.deepEqual(resolved([0, "role:ink"], PALETTE, "light"), [0, "#102030"]);
});

test("the palette stands in the page as variables, with its mode", () => {
  const set = new Map();
  const style = { setProperty: (name, value) => set.set(name, value), getPropertyValue: (name) => set.get(name) ?? "" };
  const root = { dataset: {}, style };
  dress(root, { lands_tint: "white" }, "dark");
  assert.deepEqual([...set], [["--lands-tint", "white"]]);
  assert.equal(root.dataset.mode, "dark");
});

test("a colour that stands there is not written again, which would style the page anew", () => {
  const written = [];
  const style = { setProperty: (name) => written.push(name), getPropertyValue: (name) => (name === "--ink" ? "black" : "red") };
  dress({ dataset: {}, style }, { ink: "black", lands: "green" }, "light");
  assert.deepEqual(written, ["--lands"]);
});

for (const [background, mode] of [["#ffffff", "light"], ["#0e1117", "dark"], ["rgb(20, 20, 30)", "dark"], ["", "light"]]) {
  test(`a background of "${background}" is ${mode}`, (t) => {
    global(t, "getComputedStyle", () => ({ getPropertyValue: () => background }));
    assert.equal(modeOf({}), mode);
  });
}
