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
