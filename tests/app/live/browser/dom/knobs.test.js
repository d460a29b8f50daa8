import assert from "node:assert/strict";
import { test } from "node:test";

import { typed } from "../../../../../app/live/browser/dom/knobs.js";

test("a slider's words are read as somebody would type them", () => {
  assert.equal(typed("0.002"), "0.002");
  assert.equal(typed("10⁻⁴"), "1e-4");
  assert.equal(typed("3 × 10⁻⁵"), "3e-5");
  assert.equal(typed("1.3 × 10¹²"), "1.3e12");
  assert.equal(typed("100"), "100");
  assert.equal(typed("automatic"), "automatic");
});
