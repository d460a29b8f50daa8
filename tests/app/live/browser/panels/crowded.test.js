import assert from "node:assert/strict";
import { test } from "node:test";

import { uncrowd } from "../../../../../app/live/browser/panels/crowded.js";

const moment = (x, text) => ({ name: "prediction", xref: "x", yref: "paper", x, y: 1, text, font: { size: 14 } });

function laid(width, ...annotations) {
  const layout = { xaxis: { range: [0, 10] }, margin: { l: 50, r: 50 }, annotations };
  uncrowd(layout, width);
  return layout.annotations.map(({ xanchor, visible }) => (visible === false ? "hidden" : (xanchor ?? "centre")));
}

test("names with room stay where they are", () => {
  assert.deepEqual(laid(500, moment(2, "t1"), moment(8, "t2")), ["centre", "centre"]);
});

test("two that would touch turn their backs on each other, whatever their order", () => {
  assert.deepEqual(laid(300, moment(5.4, "j_max"), moment(5, "j_0")), ["left", "right"]);
});

test("those between are hidden, and only those", () => {
  assert.deepEqual(laid(300, moment(5, "aaa"), moment(5.2, "bbb"), moment(5.4, "ccc"), moment(0.5, "d")), ["right", "hidden", "left", "centre"]);
});

test("words that name no moment are left alone", () => {
  const key = { ...moment(5, "key"), xref: "paper" };
  assert.deepEqual(laid(300, key, moment(5, "j_0")), ["centre", "centre"]);
});
