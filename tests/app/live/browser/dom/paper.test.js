import assert from "node:assert/strict";
import { test } from "node:test";

import { scaleFor } from "../../../../../app/live/browser/dom/paper.js";

const SHEET = { width: 700, height: 900 };

test("what is short is not blown up", () => {
  assert.equal(scaleFor(SHEET, () => 300), 0.8);
});

test("what is long is made as small as it must be, and no smaller", () => {
  const heightAt = (width) => 2_000_000 / width; // what wraps: an area
  const scale = scaleFor(SHEET, heightAt);
  assert.ok(heightAt(SHEET.width / scale) * scale <= SHEET.height);
  const larger = scale + 0.02;
  assert.ok(heightAt(SHEET.width / larger) * larger > SHEET.height);
});

test("nothing is made smaller than can be read", () => {
  assert.equal(scaleFor(SHEET, () => 1e6), 0.25);
});
