import assert from "node:assert/strict";
import { test } from "node:test";

import { Ahead } from "../../../../../app/live/browser/session/ahead.js";
import { clockFor } from "../fakes.js";

/** Knobs that are told of, and what the server hears. */
function telling(t, { mayAsk = () => true } = {}) {
  const clock = clockFor(t);
  const sent = [];
  const ahead = new Ahead({ mayAsk, send: (knob, value) => sent.push(`${knob}=${value}`) });
  t.after(() => ahead.leave());
  return { ahead, clock, sent };
}

test("of knobs moved faster than pictures come only the latest follows the first", (t) => {
  const { ahead, sent } = telling(t);
  for (const value of ["1", "2", "3", "4"]) ahead.moved("eta", value);
  assert.deepEqual(sent, ["eta=1"]);
  ahead.painted();
  assert.deepEqual(sent, ["eta=1", "eta=4"]);
  ahead.painted();
  ahead.painted();
  assert.deepEqual(sent, ["eta=1", "eta=4"]);
});

test("a picture that does not come holds up the next for a moment only", (t) => {
  const { ahead, clock, sent } = telling(t);
  ahead.moved("eta", "1");
  ahead.moved("eta", "2");
  clock.pass(399);
  assert.deepEqual(sent, ["eta=1"]);
  clock.pass(1);
  assert.deepEqual(sent, ["eta=1", "eta=2"]);
});

test("who waits for the picture is called once, when the last of them is there", (t) => {
  const { ahead, sent } = telling(t);
  let called = 0;
  ahead.moved("eta", "1", () => (called += 1));
  ahead.moved("alpha", "2");
  ahead.painted();
  assert.equal(called, 0);
  ahead.painted();
  assert.equal(called, 1);
  ahead.moved("eta", "3");
  ahead.painted();
  assert.equal(called, 1);
  assert.deepEqual(sent, ["eta=1", "alpha=2", "eta=3"]);
});

test("where nothing may be asked nobody waits", (t) => {
  const { ahead, sent } = telling(t, { mayAsk: () => false });
  assert.equal(ahead.moved("eta", "1", () => assert.fail("called")), false);
  assert.deepEqual(sent, []);
});

test("whoever waits is let go when the page is left", (t) => {
  const { ahead } = telling(t);
  let called = 0;
  ahead.moved("eta", "1", () => (called += 1));
  ahead.leave();
  assert.equal(called, 1);
});
