import assert from "node:assert/strict";
import { test } from "node:test";

import { Polling } from "../../../../../app/live/browser/session/polling.js";
import { clockFor, FakeDocument, global } from "../fakes.js";

/** Polling that watches job "a", what it asked, and what it heard. */
function watching(t) {
  const clock = clockFor(t);
  const page = global(t, "document", new FakeDocument());
  const asked = [];
  const heard = [];
  const idle = { now: true, waiting: [] };
  const when = (work) => (idle.now ? work() : idle.waiting.push(work));
  const polling = new Polling((payload) => asked.push(structuredClone(payload)), when);
  const handlers = {
    open: () => {
      heard.push("open");
      polling.push({ type: "hello", view: false, rows: [0, 0], snapshots: [0, 0] });
    },
    text: (message) => heard.push(message.type),
    frame: (buffer) => heard.push(new Uint8Array(buffer)[0]),
  };
  polling.begin("a", handlers);
  t.after(() => polling.stop());
  const kinds = () => asked.at(-1).messages.map(({ type }) => type);
  const reply = (n, more = {}) => {
    const { token, viewer, messages } = asked.at(-1);
    const taken = Math.max(0, ...messages.map((message) => message.n));
    return { n, token, viewer, taken, messages: [], frames: [], ...more };
  };
  return { asked, clock, handlers, heard, idle, kinds, page, polling, reply };
}

test("a job is asked for at once, with what is held", (t) => {
  const { asked, kinds, polling } = watching(t);
  assert.equal(polling.active, true);
  assert.equal(asked.length, 1);
  assert.equal(asked[0].token, "a");
  assert.deepEqual(kinds(), ["hello"]);
});

test("there is one question at a time, and the next comes half a second after the last", (t) => {
  const { asked, clock, polling, reply } = watching(t);
  clock.pass(400);
  assert.equal(asked.length, 1);
  polling.take(reply(1));
  clock.pass(99);
  assert.equal(asked.length, 1);
  clock.pass(1);
  assert.equal(asked.length, 2);
});

test("what a reader presses is asked at once where no answer is awaited", (t) => {
  const { asked, clock, kinds, polling, reply } = watching(t);
  polling.take(reply(1));
  polling.push({ type: "touch", head: 1 });
  clock.pass(1);
  assert.equal(asked.length, 1);
  polling.push({ type: "run" });
  clock.pass(1);
  assert.equal(asked.length, 2);
  assert.deepEqual(kinds(), ["touch", "run"]);
});

test("a message is said again until a reply names it as taken", (t) => {
  const { clock, kinds, polling, reply } = watching(t);
  polling.push({ type: "run" });
  polling.take(reply(1));
  clock.pass(500);
  assert.deepEqual(kinds(), ["run"]);
  polling.take(reply(2, { taken: 0 }));
  clock.pass(500);
  assert.deepEqual(kinds(), ["run"]);
  polling.take(reply(3));
  clock.pass(500);
  assert.deepEqual(kinds(), []);
});

test("only the newest of what can wait is kept, for each of the settings", (t) => {
  const { clock, kinds, asked, polling, reply } = watching(t);
  const ack = (source, rows) => ({ type: "ack", run: "a", source, rows, snapshots: 0, head: 0 });
  for (const message of [ack(0, 1), ack(1, 1), ack(0, 2), { type: "step" }, { type: "step" }]) polling.push(message);
  polling.take(reply(1));
  clock.pass(500);
  assert.deepEqual(kinds(), ["ack", "ack", "step", "step"]);
  assert.deepEqual(asked.at(-1).messages.slice(0, 2).map(({ source, rows }) => [source, rows]), [[1, 1], [0, 2]]);
});

test("a reply that was lost shows as a gap, and a new hello asks for what it held", (t) => {
  const { clock, heard, kinds, polling, reply } = watching(t);
  polling.take(reply(1));
  clock.pass(500);
  polling.take(reply(3));
  assert.deepEqual(heard, ["open", "open"]);
  clock.pass(500);
  assert.deepEqual(kinds(), ["hello"]);
});

test("a reply is heard once, and one to another mounted page never", (t) => {
  const { heard, polling, reply } = watching(t);
  const status = { messages: [{ type: "status" }] };
  polling.take(reply(1, { ...status, viewer: "somebody else" }));
  polling.take(reply(2, status));
  polling.take(reply(2, status));
  polling.take(null);
  assert.deepEqual(heard, ["open", "status"]);
});

test("a view is heard before its rows, and verdicts after them", (t) => {
  const { heard, polling, reply } = watching(t);
  const messages = [{ type: "judgement" }, { type: "view" }, { type: "status" }];
  polling.take(reply(1, { messages, frames: [Buffer.of(7).toString("base64")] }));
  assert.deepEqual(heard, ["open", "view", 7, "judgement", "status"]);
});

test("what leads to another job comes first, and nothing of the old one after it", (t) => {
  const { handlers, heard, polling, reply } = watching(t);
  const messages = [{ type: "status" }, { type: "moved" }, { type: "view" }];
  handlers.text = (message) => {
    heard.push(message.type);
    if (message.type === "moved") polling.begin("b", { ...handlers, open: () => heard.push("b opens") });
  };
  polling.take(reply(1, { messages, frames: [Buffer.of(7).toString("base64")] }));
  assert.deepEqual(heard, ["open", "moved", "b opens"]);
});

test("a hidden page asks nothing", (t) => {
  const { asked, clock, page, polling, reply } = watching(t);
  page.hidden = true;
  polling.take(reply(1));
  clock.pass(5000);
  assert.equal(asked.length, 1);
  page.hidden = false;
  clock.pass(500);
  assert.equal(asked.length, 2);
});

test("a question without an answer is asked again, each time with more patience", (t) => {
  const { asked, clock } = watching(t);
  const times = [];
  for (let now = 0; now < 70_000; now += 1) {
    clock.pass(1);
    if (asked.length > times.length + 1) times.push(now + 1);
  }
  assert.deepEqual(times, [3000, 9000, 21_000, 45_000, 69_000]);
});

test("a question waits until Python may be asked, and is not asked twice then", (t) => {
  const { asked, clock, idle, polling, reply } = watching(t);
  idle.now = false;
  polling.take(reply(1));
  polling.push({ type: "run" });
  clock.pass(1);
  polling.push({ type: "pause" });
  clock.pass(1000);
  assert.equal(idle.waiting.length, 1);
  idle.waiting[0]();
  assert.equal(asked.length, 2);
  assert.deepEqual(asked[1].messages.map(({ type }) => type), ["run", "pause"]);
});

test("nothing is asked for a job that is not watched any more", (t) => {
  const { asked, clock, heard, polling, reply } = watching(t);
  polling.stop();
  polling.take(reply(1, { messages: [{ type: "view" }] }));
  clock.pass(60_000);
  assert.equal(asked.length, 1);
  assert.deepEqual(heard, ["open"]);
});
