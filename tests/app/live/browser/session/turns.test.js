import assert from "node:assert/strict";
import { test } from "node:test";

import { Turns } from "../../../../../app/live/browser/session/turns.js";
import { clockFor, FakeDocument, global } from "../fakes.js";

/** Turns of a page that has stood still for long, and what the test does to it. */
function standing(t) {
  const clock = clockFor(t);
  const page = global(t, "document", new FakeDocument());
  let look = () => {};
  global(t, "MutationObserver", class {
    constructor(changed) {
      look = changed;
    }

    observe() {}

    disconnect() {}
  });
  const host = {};
  const turns = new Turns(host);
  t.after(() => turns.leave());
  const state = (word) => {
    page.app.dataset.testScriptState = word;
    look();
  };
  const input = (kind, path) => {
    const event = new Event(kind);
    event.composedPath = () => path;
    page.dispatchEvent(event);
  };
  return { clock, host, input, page, state, turns };
}

/** Counts how often some work is done. */
function counted() {
  const work = () => (work.done += 1);
  work.done = 0;
  return work;
}

test("a page that stands still may be told something at once, but never in the same breath", (t) => {
  const { clock, turns } = standing(t);
  const work = counted();
  turns.whenIdle(work);
  assert.equal(work.done, 0);
  clock.pass(1);
  assert.equal(work.done, 1);
  clock.pass(60_000);
  assert.equal(work.done, 1);
});

test("a turn at work is waited for, and then until the page has settled", (t) => {
  const { clock, state, turns } = standing(t);
  state("running");
  const work = counted();
  turns.whenIdle(work);
  clock.pass(2000);
  assert.equal(work.done, 0);
  state("notRunning");
  clock.pass(149);
  assert.equal(work.done, 0);
  clock.pass(51);
  assert.equal(work.done, 1);
});

for (const word of ["running", "rerunRequested"]) {
  test(`"${word}" is a turn at work`, (t) => {
    const { state, turns } = standing(t);
    assert.equal(turns.idle, true);
    state(word);
    assert.equal(turns.idle, false);
  });
}

test("an input outside the live part is given a second to begin its turn", (t) => {
  const { clock, input, turns } = standing(t);
  input("pointerup", []);
  clock.pass(999);
  assert.equal(turns.idle, false);
  clock.pass(1);
  assert.equal(turns.idle, true);
});

test("once its turn has begun, an input is waited for no longer than the turn", (t) => {
  const { clock, input, state, turns } = standing(t);
  input("change", []);
  state("running");
  clock.pass(50);
  state("notRunning");
  clock.pass(150);
  assert.equal(turns.idle, true);
});

test("an input during a turn is none of that turn's: its own is still to begin", (t) => {
  const { clock, input, state, turns } = standing(t);
  state("running");
  input("pointerup", []);
  clock.pass(50);
  state("notRunning");
  clock.pass(900);
  assert.equal(turns.idle, false);
  state("running");
  state("notRunning");
  clock.pass(150);
  assert.equal(turns.idle, true);
});

test("an input within the live part begins no turn", (t) => {
  const { host, input, turns } = standing(t);
  input("keyup", [{}, host]);
  assert.equal(turns.idle, true);
});

test("a page that is never idle is told after a quarter of a minute", (t) => {
  const { clock, state, turns } = standing(t);
  state("running");
  const work = counted();
  turns.whenIdle(work);
  clock.pass(15_000);
  assert.equal(work.done, 0);
  clock.pass(60);
  assert.equal(work.done, 1);
});

test("nothing is told to Python while it is away, however long", (t) => {
  const { clock, page, turns } = standing(t);
  page.app.dataset.testConnectionState = "CONNECTING";
  const work = counted();
  turns.whenIdle(work);
  clock.pass(60_000);
  assert.equal(work.done, 0);
  page.app.dataset.testConnectionState = "CONNECTED";
  clock.pass(50);
  assert.equal(work.done, 1);
});

test("what is waited for is not done once the part has left the page", (t) => {
  const { clock, input, turns } = standing(t);
  const work = counted();
  turns.whenIdle(work);
  turns.leave();
  clock.pass(60_000);
  assert.equal(work.done, 0);
  input("change", []);
  assert.equal(turns.idle, true);
});
