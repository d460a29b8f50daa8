import assert from "node:assert/strict";
import { test } from "node:test";

import { withPoint } from "../../../../../app/live/browser/dom/commas.js";

test("a comma that is typed is the decimal point, once", () => {
  assert.equal(withPoint(",", "0"), ".");
  assert.equal(withPoint(",", ""), ".");
  assert.equal(withPoint(",", "0.5"), null);
});

test("a text with one comma is a number, unless it may be thousands", () => {
  assert.equal(withPoint("0,001", ""), "0.001");
  assert.equal(withPoint(" 1,5e-3\n", ""), "1.5e-3");
  assert.equal(withPoint("-12,25", ""), "-12.25");
  assert.equal(withPoint("1,000", ""), null);
  assert.equal(withPoint("1,234,567", ""), null);
  assert.equal(withPoint("1.234,5", ""), null);
  assert.equal(withPoint("5, 3", ""), null);
});
