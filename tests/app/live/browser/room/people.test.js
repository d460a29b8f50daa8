import assert from "node:assert/strict";
import { test } from "node:test";

import { colourOf, many, ordinal } from "../../../../../app/live/browser/room/people.js";

test("places in a race are written as they are said", () => {
  const said = [1, 2, 3, 4, 10, 11, 12, 13, 21, 22, 23, 101, 111, 112].map(ordinal);
  assert.deepEqual(said, ["1st", "2nd", "3rd", "4th", "10th", "11th", "12th", "13th", "21st", "22nd", "23rd", "101st", "111th", "112th"]);
});

test("numbers go through all colours and begin anew", () => {
  const colours = ["red", "green", "blue"];
  assert.deepEqual([1, 2, 3, 4, 200].map((n) => colourOf(n, colours)), ["red", "green", "blue", "red", "green"]);
});

test("one is one, and more are more", () => {
  assert.deepEqual([many(1, "guess"), many(2, "guess"), many(0, "student"), many(90, "minute")], ["1 guess", "2 guesses", "0 students", "90 minutes"]);
});
