import assert from "node:assert/strict";
import { test } from "node:test";

import { marked, matches, neighbour } from "../../../../../app/live/browser/dom/presets.js";

const preset = { id: "adam", title: "Another optimiser", look_for: "Look for Adam that leaves the dashed line.", kind: "departs", beside: "" };

test("a preset is found by any words of its title and its look-for line, in any order and case", () => {
  assert.ok(matches(preset, ""));
  assert.ok(matches(preset, "ADAM"));
  assert.ok(matches(preset, "dashed  another"));
  assert.ok(!matches(preset, "adam lands"));
});

test("a preset for a GPU has the mark of what is not judged", () => {
  assert.equal(marked("gpu"), "not judged");
  assert.equal(marked("lands"), "lands");
  assert.equal(marked("departs"), "departs");
});

test("turning goes round, and from settings of one's own to either end", () => {
  assert.equal(neighbour(3, 0, 1), 1);
  assert.equal(neighbour(3, 2, 1), 0);
  assert.equal(neighbour(3, 0, -1), 2);
  assert.equal(neighbour(3, -1, 1), 0);
  assert.equal(neighbour(3, -1, -1), 2);
});
