import assert from "node:assert/strict";
import { test } from "node:test";

import { Python } from "../../../../../app/live/browser/session/python.js";

/** Python's side of a page whose turns end when the test says so. */
function busy() {
  const [told, waiting] = [[], []];
  const tell = (name, value) => told.push([name, value]);
  const turns = { asked() {}, whenIdle: (work) => waiting.push(work) };
  const python = new Python(turns, { setStateValue: tell, setTriggerValue: tell });
  return { python, told, idle: () => waiting.splice(0).forEach((work) => work()) };
}

test("a judged run is told of once in each turn, and until Python knows of it", () => {
  const { idle, python, told } = busy();
  for (let i = 0; i < 5; i += 1) python.judged({ toured: { judged: null } }, "a");
  idle();
  python.judged({ toured: { judged: null } }, "a");
  idle();
  python.judged({ toured: { judged: "a" } }, "a");
  python.judged({}, "a");
  idle();
  assert.deepEqual(told, [["judged", { token: "a", n: 1 }], ["judged", { token: "a", n: 2 }]]);
});

test("what Python said before it heard the last asking is outdated", () => {
  const { python, told } = busy();
  assert.equal(python.outdated({}), false);
  python.ask("preset", "one");
  python.ask("preset", "two");
  const [first, second] = told.map(([, { n }]) => n);
  assert.deepEqual(told.map(([, { value }]) => value), ["one", "two"]);
  assert.ok(second > first);
  assert.ok(python.outdated({}));
  assert.ok(python.outdated({ heard: first }));
  assert.equal(python.outdated({ heard: second }), false);
});

test("an asking that was never heard is given up after a while", () => {
  const { python } = busy();
  python.ask("preset", "one");
  python.askedAt -= 20_000;
  assert.equal(python.outdated({}), false);
});
