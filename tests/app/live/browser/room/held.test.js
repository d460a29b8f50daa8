import assert from "node:assert/strict";
import { test } from "node:test";

import { Held } from "../../../../../app/live/browser/room/held.js";

test("a guess is told as it is put in, and nothing where it is taken back", () => {
  const told = [];
  const held = new Held("first", (text) => told.push(text));
  assert.equal(held.read("guess"), "first");
  held.write("guess", "3.1");
  held.write("guess", "first");
  held.write("guess", null);
  assert.deepEqual(told, ["3.1", "", ""]);
});

test("what else a page keeps is no guess", () => {
  const told = [];
  const held = new Held("words", (text) => told.push(text));
  assert.equal(held.read("hero"), null);
  held.write("hero", "loss");
  assert.equal(held.read("hero"), "loss");
  assert.deepEqual(told, []);
});
