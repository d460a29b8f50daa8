import assert from "node:assert/strict";
import { test } from "node:test";

import { twoMeanings, withPoint } from "../../../../../app/live/browser/dom/commas.js";

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

test("a comma before three digits has two meanings, which are both said", () => {
  assert.equal(twoMeanings("1,000"), "1,000 could mean 1.000 or 1000: write one of these.");
  assert.equal(twoMeanings("-25.125"), "-25,125 could mean -25.125 or -25125: write one of these.");
  for (const one of ["0,001", "1,0005", "1,5", "1000", "1,000e3", "1234,567", ",500"]) assert.equal(twoMeanings(one), "", one);
});
