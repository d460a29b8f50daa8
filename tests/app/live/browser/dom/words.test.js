import assert from "node:assert/strict";
import { test } from "node:test";

import { brief, counted, decimalsFor, fixed, significant, whole } from "../../../../../app/live/browser/dom/words.js";

test("thousands are parted by thin spaces, and minus is a true one", () => {
  assert.deepEqual([6743, 999, -1234567.4, 0].map(whole), ["6\u2009743", "999", "\u22121\u2009234\u2009567", "0"]);
  assert.equal(fixed(-12345.678, 2), "\u221212\u2009345.68");
  assert.equal(fixed(NaN, 2), "");
});

test("a clock shows four digits of its end, and never more than six decimals", () => {
  assert.deepEqual([8, 250, 12_000, 0.0123, 1e-9, 0].map(decimalsFor), [3, 1, 0, 5, 6, 0]);
});

test("a table shows five digits, and powers of ten where there are too many zeros", () => {
  const shown = [0, 1.5, 123456, 0.00012345678, 1.23e-5, -2e7, Infinity, -Infinity, NaN, null];
  assert.deepEqual(shown.map(significant), [
    "0", "1.5000", "123\u2009456", "0.00012346", "1.230 \u00d7 10\u207b\u2075", "\u22122.000 \u00d7 10\u2077", "\u221e", "\u2212\u221e", "", "",
  ]);
});

test("a hover box shows three digits, and what is too large to be sent as infinite", () => {
  const shown = [0, 0.99712, -12.345, 1234567, 0.0000123, 3.4e38, -3.4e38, NaN];
  assert.deepEqual(shown.map(brief), [
    "0", "0.997", "\u221212.3", "1.23 \u00d7 10\u2076", "1.23 \u00d7 10\u207b\u2075", "\u221e", "\u2212\u221e", "",
  ]);
});

test("one is spelled, and more are counted", () => {
  assert.deepEqual([counted(1, "seed"), counted(8, "seed")], ["one seed", "8 seeds"]);
});
