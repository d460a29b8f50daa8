import assert from "node:assert/strict";
import { test } from "node:test";

import { frontView, turnable, turned } from "../../../../../app/live/browser/panels/turning.js";
import { global } from "../fakes.js";

const POINTS = { x: [1, 0, 0], y: [0, 1, 0], depth: [0, 0, 1] };

function close(found, wanted) {
  found.forEach((value, i) => assert.ok(Math.abs(value - wanted[i]) < 1e-12, `${[...found]} is not ${wanted}`));
}

/** A node that can be dragged, its view, and the frames it has asked for. */
function dragged(t) {
  const frames = [];
  global(t, "requestAnimationFrame", (work) => frames.push(work));
  const node = new EventTarget();
  const held = new Set();
  Object.assign(node, {
    classList: { add() {} },
    setPointerCapture: (id) => held.add(id),
    hasPointerCapture: (id) => held.has(id),
  });
  const view = frontView();
  let changes = 0;
  turnable(node, view, () => (changes += 1));
  const send = (kind, more) => {
    const event = Object.assign(new Event(kind, { cancelable: true }), more);
    node.dispatchEvent(event);
    return event;
  };
  return { changes: () => changes, frames, node, send, view };
}

test("from the front a picture is as it was drawn", () => {
  const { x, y } = turned(POINTS, frontView());
  close(x, [1, 0, 0]);
  close(y, [0, 1, 0]);
});

test("a quarter turn about the upright puts what lay behind at the side", () => {
  const { x, y } = turned(POINTS, { azimuth: Math.PI / 2, height: 0 });
  close(x, [0, 0, 1]);
  close(y, [0, 1, 0]);
});

test("seen from above, what lies behind is lower, and what is high is in the middle", () => {
  const { x, y } = turned(POINTS, { azimuth: 0, height: Math.PI / 2 });
  close(x, [1, 0, 0]);
  close(y, [0, 0, -1]);
});

test("turning keeps lengths: a point is seen no further out than it is", () => {
  const { x, y } = turned({ x: [0.3], y: [-0.5], depth: [0.7] }, { azimuth: 0.9, height: -0.4 });
  assert.ok(Math.hypot(x[0], y[0]) <= Math.hypot(0.3, 0.5, 0.7));
});

test("a drag turns the view, and is drawn once a frame", (t) => {
  const { changes, frames, send, view } = dragged(t);
  send("pointermove", { pointerId: 1, movementX: 100, movementY: 0 });
  assert.equal(view.azimuth, 0);
  send("pointerdown", { pointerId: 1, button: 0 });
  send("pointermove", { pointerId: 1, movementX: 100, movementY: 10 });
  send("pointermove", { pointerId: 1, movementX: 100, movementY: 10 });
  assert.ok(Math.abs(view.azimuth - 2.2) < 1e-12);
  assert.ok(Math.abs(view.height - 0.22) < 1e-12);
  assert.equal(frames.length, 1);
  frames[0]();
  assert.equal(changes(), 1);
});

test("only the first button drags", (t) => {
  const { send, view } = dragged(t);
  send("pointerdown", { pointerId: 1, button: 2 });
  send("pointermove", { pointerId: 1, movementX: 100, movementY: 10 });
  assert.deepEqual(view, frontView());
});

test("the view never tips over", (t) => {
  const { send, view } = dragged(t);
  for (let i = 0; i < 100; i += 1) send("keydown", { key: "ArrowDown" });
  assert.equal(view.height, 1.45);
  for (let i = 0; i < 100; i += 1) send("keydown", { key: "ArrowUp" });
  assert.equal(view.height, -1.45);
});

test("arrow keys turn and are kept from the page; other keys are left to it", (t) => {
  const { send, view } = dragged(t);
  assert.equal(send("keydown", { key: "ArrowRight" }).defaultPrevented, true);
  assert.equal(view.azimuth, 0.12);
  assert.equal(send("keydown", { key: "t" }).defaultPrevented, false);
});

test("a double click leads back to the front", (t) => {
  const { changes, send, view } = dragged(t);
  send("keydown", { key: "ArrowLeft" });
  send("dblclick", {});
  assert.deepEqual(view, frontView());
  assert.equal(changes(), 1);
});
