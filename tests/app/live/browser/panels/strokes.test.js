import assert from "node:assert/strict";
import { test } from "node:test";

import { markersPath } from "../../../../../app/live/browser/panels/strokes.js";

/** @type {[number, number][]} */
const AT = [[10, 20]];

test("dots are filled, with an edge where they have one", () => {
  const plain = markersPath(AT, { marker: { size: 8, color: "blue" } });
  assert.equal(plain.fill, "blue");
  assert.equal(plain.stroke, undefined);
  assert.match(String(plain.d), /^M6\.0,20\.0a4,4/);
  const edged = markersPath(AT, { marker: { color: "blue", line: { width: 2, color: "white" } } });
  assert.deepEqual([edged.fill, edged.stroke, edged["stroke-width"]], ["blue", "white", 2]);
});

test("open dots are rings in their own colour", () => {
  const ring = markersPath(AT, { marker: { color: "black", symbol: "circle-open", line: { width: 1.3 } } });
  assert.deepEqual([ring.fill, ring.stroke, ring["stroke-width"]], ["none", "black", 1.3]);
  assert.equal(markersPath(AT, { marker: { symbol: "circle-open" } })["stroke-width"], 1);
});
