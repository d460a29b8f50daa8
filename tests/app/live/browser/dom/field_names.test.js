import assert from "node:assert/strict";
import { test } from "node:test";

import { spoken } from "../../../../../app/live/browser/dom/field_names.js";

test("a field's name is words: symbol and unit after commas, no markup", () => {
  assert.equal(spoken("Initial scale $\\alpha$ :gray[weight]"), "Initial scale, alpha, weight");
  assert.equal(spoken("Help for Inputs $d_\\mathrm{in}$"), "Help for Inputs, d in");
  assert.equal(spoken("Decay of the classifier $\\lambda_W$"), "Decay of the classifier, lambda W");
  assert.equal(spoken("ReLU on the features $h \\ge 0$"), "ReLU on the features, h at least 0");
  assert.equal(spoken("Depth $L'$ :gray[layers]"), "Depth, L prime, layers");
});

test("a name without markup stays as it is", () => {
  assert.equal(spoken("Hidden width, slider"), "Hidden width, slider");
});
