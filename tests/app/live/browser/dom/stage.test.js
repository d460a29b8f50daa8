import assert from "node:assert/strict";
import { test } from "node:test";

import { heroHeight } from "../../../../../app/live/browser/dom/stage.js";

test("picture and transport end with the window, a little above its edge", () => {
  assert.equal(heroHeight({ window: 900, top: 310, around: 120 }), 900 - 310 - 120 - 16);
});

test("the picture gives way, but never below 220 px, and does not grow without end", () => {
  assert.equal(heroHeight({ window: 500, top: 330, around: 120 }), 200);
  assert.equal(heroHeight({ window: 2000, top: 310, around: 120 }), 460);
});
