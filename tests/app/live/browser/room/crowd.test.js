import assert from "node:assert/strict";
import { test } from "node:test";

import { bars, Crowd, spread } from "../../../../../app/live/browser/room/crowd.js";

test("a histogram counts every guess once, also those at and beyond the ends", () => {
  const found = bars([-5, 0, 219.9, 220, 300, 110], 220, 400);
  assert.equal(found.reduce((sum, { count }) => sum + count, 0), 6);
  assert.deepEqual(found[0], { at: 0, width: 22, count: 2, length: 52 });
  assert.equal(found.at(-1).count, 3);
  assert.equal(found.at(-1).at, 198);
});

test("the highest bar leaves room for the curves, however many guess alike", () => {
  const [bar] = bars(Array(200).fill(50), 500, 300);
  assert.equal(bar.count, 200);
  assert.equal(bar.length, 180);
});

test("what is no number has no bar", () => {
  assert.deepEqual(bars([NaN, Infinity], 220, 100), []);
});

test("labels stand apart, in the order of their places, and within the line", () => {
  const found = spread([{ at: 100, n: 2 }, { at: 99, n: 1 }, { at: 101, n: 3 }], 30, 110);
  assert.deepEqual(found.map(({ n }) => n), [1, 2, 3]);
  assert.deepEqual(found.map(({ shown }) => shown), [50, 80, 110]);
});

test("labels that are apart already stay where they are", () => {
  assert.deepEqual(spread([{ at: 10 }, { at: 90 }], 30, 100).map(({ shown }) => shown), [10, 90]);
});

test("of each student the last guess counts, and a whole list replaces all", () => {
  const crowd = new Crowd();
  crowd.take([[1, "2"], [2, "3"]], true);
  const { version } = crowd;
  crowd.take([[1, "5"]], false);
  assert.deepEqual([...crowd.guesses], [[1, "5"], [2, "3"]]);
  assert.notEqual(crowd.version, version);
  crowd.take([[3, "1"]], true);
  assert.deepEqual([...crowd.guesses], [[3, "1"]]);
});
