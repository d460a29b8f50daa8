import assert from "node:assert/strict";
import { test } from "node:test";

import { Address } from "../../../../../app/live/browser/dom/address.js";
import { clockFor, global } from "../fakes.js";

/** An address bar, and turns of Streamlit's whose end the test decides. */
function standing(t) {
  const clock = clockFor(t);
  const bar = global(t, "location", { href: "http://host/page?tour=2&width=3" });
  const replaceState = (_, __, here) => (bar.href = String(here));
  global(t, "history", { state: null, replaceState });
  const waiting = [];
  const address = new Address((work) => waiting.push(work));
  const idle = () => waiting.splice(0).forEach((work) => work());
  return { address, bar, clock, idle };
}

test("what was refused is put right once no turn is under way", (t) => {
  const { address, bar, clock, idle } = standing(t);
  address.correct({ width: null, depth: "2" });
  clock.pass(1000);
  assert.equal(bar.href, "http://host/page?tour=2&width=3");
  idle();
  assert.equal(bar.href, "http://host/page?tour=2&depth=2");
});

test("what a turn has overtaken is written neither before its answer nor after it", (t) => {
  const { address, bar, clock, idle } = standing(t);
  address.correct({ width: "30" });
  clock.pass(400);
  address.correct({ depth: "4" });
  idle();
  assert.equal(bar.href, "http://host/page?tour=2&width=3");
  clock.pass(400);
  idle();
  assert.equal(bar.href, "http://host/page?tour=2&width=3&depth=4");
});

test("a page that is left writes nothing more", (t) => {
  const { address, bar, clock, idle } = standing(t);
  address.correct({ width: "30" });
  clock.pass(400);
  address.leave();
  idle();
  assert.equal(bar.href, "http://host/page?tour=2&width=3");
});
