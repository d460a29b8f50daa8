import assert from "node:assert/strict";
import { test } from "node:test";

import { RoomChannel } from "../../../../../app/live/browser/room/channel.js";
import { clockFor, global, socketsFor } from "../fakes.js";

/** A channel that has been started, the sockets it opens, and what it tells. */
function started(t, hello = () => ({ type: "join", key: "k" })) {
  const clock = clockFor(t);
  t.mock.method(Math, "random", () => 0.5);
  const page = global(t, "window", new EventTarget());
  global(t, "addEventListener", page.addEventListener.bind(page));
  const sockets = socketsFor(t);
  const told = [];
  const channel = new RoomChannel(new URL("http://host:8501/folder/room/KBTR"), {
    hello,
    told: (message) => told.push(message),
    open: (open) => told.push(open),
    over: () => told.push("over"),
  });
  channel.start();
  t.after(() => channel.close());
  return { channel, clock, page, sockets, told };
}

test("it opens beside the room's page, and says first who is there", (t) => {
  const { sockets, told } = started(t);
  assert.equal(sockets[0].address, "ws://host:8501/folder/room/KBTR/live");
  sockets[0].open();
  assert.deepEqual(sockets[0].said, [{ type: "join", key: "k" }]);
  assert.deepEqual(told, [true]);
  sockets[0].hear({ type: "refused", words: "no" });
  assert.deepEqual(told.at(-1), { type: "refused", words: "no" });
});

test("one that breaks is opened again, ever more patiently, with what is known by then", (t) => {
  let key = null;
  const { clock, sockets, told } = started(t, () => ({ type: "join", key }));
  sockets[0].open();
  key = "mine";
  sockets[0].close(1006);
  assert.deepEqual(told, [true, false]);
  clock.pass(249);
  assert.equal(sockets.length, 1);
  clock.pass(1);
  assert.equal(sockets.length, 2);
  sockets[1].close(1006);
  clock.pass(499);
  assert.equal(sockets.length, 2);
  clock.pass(1);
  sockets[2].open();
  assert.deepEqual(sockets[2].said, [{ type: "join", key: "mine" }]);
  assert.equal(told.at(-1), true);
});

for (const code of [4403, 4404, 1008]) {
  test(`after ${code} it is over, and is not opened again`, (t) => {
    const { clock, sockets, told } = started(t);
    sockets[0].open();
    sockets[0].close(code);
    clock.pass(20_000);
    assert.equal(sockets.length, 1);
    assert.deepEqual(told, [true, "over"]);
  });
}

test("a network that is back is tried at once", (t) => {
  const { page, sockets } = started(t);
  sockets[0].open();
  sockets[0].close(1006);
  page.dispatchEvent(new Event("online"));
  assert.equal(sockets.length, 2);
  page.dispatchEvent(new Event("online"));
  assert.equal(sockets.length, 2);
});

test("a socket that never opens is given up for another", (t) => {
  const { clock, sockets } = started(t);
  clock.pass(8000 + 250);
  assert.equal(sockets.length, 2);
});

test("nothing is told, and nothing opened, once it is closed", (t) => {
  const { channel, clock, sockets, told } = started(t);
  sockets[0].open();
  channel.close();
  channel.send({ type: "run" });
  clock.pass(20_000);
  assert.equal(sockets.length, 1);
  assert.deepEqual(sockets[0].said, [{ type: "join", key: "k" }]);
  assert.deepEqual(told, [true]);
});
