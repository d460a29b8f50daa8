import assert from "node:assert/strict";
import { test } from "node:test";

import { chosen } from "../../../../../app/live/browser/panels/chosen.js";

/** @import { View } from "../../../../../app/live/browser/session/messages.js" */

const [loss, modes, product] = ["loss", "modes", "product"].map((id) => ({ id }));
const view = /** @type {View} */ (/** @type {unknown} */ ({
  panels: [loss, modes, product], warnings: [{ title: "", text: "own" }], asked: { panel: "loss" },
}));
/** @param {View} made */
const ids = (made) => made.panels.map(({ id }) => id);

test("all panels are shown where none is asked for", () => {
  assert.deepEqual(chosen(view, [], false), view);
});

test("those that are asked for are shown alone, in the order of the link", () => {
  assert.deepEqual(ids(chosen(view, ["product", "loss"], false)), ["product", "loss"]);
});

test("a panel that is not there is said in one sentence, and the others are shown", () => {
  const made = chosen(view, ["nothing", "modes"], false);
  assert.deepEqual(ids(made), ["modes"]);
  assert.deepEqual(made.warnings, [
    { title: "From the link:", text: "there is no panel nothing here; there are loss, modes, product." },
    { title: "", text: "own" },
  ]);
});

test("where none of them is there all panels are shown", () => {
  assert.deepEqual(ids(chosen(view, ["nothing"], false)), ["loss", "modes", "product"]);
});

test("the panel of a guess stays while one is made, and nothing is asked of one that is not shown", () => {
  assert.deepEqual(ids(chosen(view, ["modes"], true)), ["modes", "loss"]);
  assert.deepEqual(chosen(view, ["modes"], true).asked, view.asked);
  assert.equal(chosen(view, ["modes"], false).asked, null);
  assert.deepEqual(chosen(view, ["loss"], false).asked, view.asked);
});
