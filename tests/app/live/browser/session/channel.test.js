import assert from "node:assert/strict";
import { test } from "node:test";

import { clockFor, socketsFor } from "../fakes.js";

/** A channel to job "a b" in a module of its own, which has never seen a socket open. */
async function started(t, { active = false } = {}) {
  const source = "../../../../../app/live/browser/session/channel.js";
  const { Channel } = await import(`${source}?${encodeURIComponent(t.name)}`);
  const clock = clockFor(t);
  const sockets = socketsFor(t);
  const heard = [];
  const polling = {
    active,
    pushed: [],
    begin(token, handlers) {
      this.active = true;
      this.token = token;
      this.handlers = handlers;
    },
    push(message) {
      this.pushed.push(message);
    },
    turnTo(token) {
      this.token = token;
    },
    stop() {},
  };
  const handlers = Object.fromEntries(
    ["text", "frame", "open", "broken", "lost", "fallback"].map((name) => [name, (value) => heard.push([name, value])]),
  );
  const channel = new Channel(new URL("https://host/under/"), "a b", handlers, polling);
  channel.start();
  return { channel, clock, heard, names: () => heard.map(([name]) => name), polling, sockets };
}

test("the socket of a job is asked for under the folder of the page, securely as the page itself", async (t) => {
  const { sockets } = await started(t);
  assert.equal(sockets[0].address, "wss://host/under/live/a%20b");
});

test("messages and frames are told apart", async (t) => {
  const { channel, heard, sockets } = await started(t);
  sockets[0].open();
  channel.send({ type: "run" });
  const bytes = new ArrayBuffer(4);
  sockets[0].hear({ type: "status" });
  sockets[0].hear(bytes);
  assert.deepEqual(sockets[0].said, [{ type: "run" }]);
  assert.deepEqual(heard, [["open", undefined], ["text", { type: "status" }], ["frame", bytes]]);
});

test("what is said while no socket is open is not kept", async (t) => {
  const { channel, sockets } = await started(t);
  channel.send({ type: "run" });
  sockets[0].open();
  assert.deepEqual(sockets[0].said, []);
});

test("a broken connection is tried again with more and more patience", async (t) => {
  const { clock, names, sockets } = await started(t);
  sockets[0].open();
  const waited = [];
  for (let i = 0; i < 6; i += 1) {
    sockets.at(-1).close(1006);
    const known = sockets.length;
    let milliseconds = 0;
    while (sockets.length === known) {
      clock.pass(1);
      milliseconds += 1;
    }
    waited.push(milliseconds);
  }
  assert.deepEqual(waited, [250, 500, 1000, 2000, 4000, 4000]);
  assert.deepEqual(new Set(names()), new Set(["open", "broken"]));
});

test("Python carries the messages once four sockets have not opened", async (t) => {
  const { channel, clock, names, polling, sockets } = await started(t);
  for (let i = 0; i < 4; i += 1) {
    sockets.at(-1).close(1006);
    clock.pass(2000);
  }
  assert.equal(sockets.length, 4);
  assert.deepEqual(names(), ["broken", "broken", "broken", "fallback"]);
  assert.equal(polling.token, "a b");
  channel.send({ type: "run" });
  assert.deepEqual(polling.pushed, [{ type: "run" }]);
});

test("a socket that hangs for five seconds is closed", async (t) => {
  const { clock, names, sockets } = await started(t);
  clock.pass(4999);
  assert.deepEqual(names(), []);
  clock.pass(1);
  assert.deepEqual(names(), ["broken"]);
  assert.equal(sockets[0].readyState, 3);
});

test("a token the server does not know is lost, and not asked for again", async (t) => {
  const { clock, heard, sockets } = await started(t);
  sockets[0].open();
  sockets[0].close(4404);
  clock.pass(60_000);
  assert.deepEqual(heard.at(-1), ["lost", false]);
  assert.equal(sockets.length, 1);
});

test("a token that is lost behind a broken connection says so", async (t) => {
  const { clock, heard, sockets } = await started(t);
  sockets[0].open();
  sockets[0].close(1006);
  clock.pass(250);
  sockets[1].close(4404);
  assert.deepEqual(heard.at(-1), ["lost", true]);
});

test("another job on the same socket is what a later one asks for", async (t) => {
  const { channel, clock, sockets } = await started(t);
  sockets[0].open();
  channel.turnTo("c");
  sockets[0].close(1006);
  clock.pass(250);
  assert.equal(sockets[1].address, "wss://host/under/live/c");
});

test("where Python carries the messages already, no socket is tried, and a lost job is told", async (t) => {
  const { heard, polling, sockets } = await started(t, { active: true });
  assert.equal(sockets.length, 0);
  polling.handlers.text({ type: "status" });
  polling.handlers.text({ type: "gone" });
  assert.deepEqual(heard, [["text", { type: "status" }], ["lost", false]]);
});

test("a channel that is closed hears and says nothing", async (t) => {
  const { channel, clock, names, sockets } = await started(t);
  sockets[0].open();
  channel.close();
  sockets[0].hear({ type: "status" });
  channel.send({ type: "run" });
  clock.pass(60_000);
  assert.deepEqual(names(), ["open"]);
  assert.deepEqual(sockets[0].said, []);
  assert.equal(sockets.length, 1);
});
