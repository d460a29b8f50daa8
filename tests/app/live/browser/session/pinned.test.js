import assert from "node:assert/strict";
import { test } from "node:test";

import { errand } from "../../../../../app/live/browser/session/errand.js";
import { Kept } from "../../../../../app/live/browser/session/kept.js";
import { pinnedRun } from "../../../../../app/live/browser/session/pinned.js";
import { FakeDocument, global, rowsFrom } from "../fakes.js";
import { bound, momentOf, panelOf } from "../panels/made.js";

const JUDGEMENT = { type: "judgement", claims: [{ name: "loss", verdict: "lands" }] };

function viewOf(traces, data, more = {}) {
  return { type: "view", rows_total: 4, complete: true, hash: "abc", panels: [{ id: "loss", ...panelOf({ data, traces }), ...more }] };
}

test("a run is kept with its own curves, its verdicts and the hash of its prediction", () => {
  const kinds = ["run", "band", "theory", "run", "run"];
  const data = kinds.map((kind) => ({ meta: { kind } }));
  const traces = [bound({ trace: 0 }), bound({ trace: 1 }), bound({ trace: 3, source: 1 }), bound({ trace: 4, at: "scrub" })];
  const { stores: [store] } = momentOf({ rows: 3 });
  const times = { time: { factors: [2, 7], axis: {} } };
  const kept = pinnedRun(viewOf(traces, data, { times }), store, JUDGEMENT);
  assert.equal(kept.hash, "abc");
  assert.deepEqual(kept.claims, JUDGEMENT.claims);
  assert.equal(kept.panels.loss.lines.length, 1);
  assert.deepEqual(kept.panels.loss.factors, { time: 2 });
  assert.equal(kept.panels.loss.lines[0].x.length, 3);
});

/** @returns {any} */
function storageOf(most = Infinity) {
  const held = new Map();
  return {
    held,
    getItem: (name) => held.get(name) ?? null,
    removeItem: (name) => held.delete(name),
    setItem(name, text) {
      if (text.length > most) throw new Error("full");
      held.set(name, text);
    },
  };
}

test("what a tab keeps outlives the page, and is not found by another page or other code", () => {
  const storage = storageOf();
  const first = new Kept(storage);
  first.turnTo("page", "1");
  first.put("alpha:1", { hash: "abc", claims: [], panels: {} });
  const again = new Kept(storage);
  again.turnTo("page", "1");
  assert.equal(again.get("alpha:1").hash, "abc");
  again.turnTo("page", "2");
  assert.equal(again.get("alpha:1"), null);
  again.turnTo("page", "1");
  again.drop("alpha:1");
  assert.equal(again.get("alpha:1"), null);
});

test("where nothing more can be kept, or what is there cannot be read, the page goes on", () => {
  const full = new Kept(storageOf(1));
  full.turnTo("page", "1");
  full.put("a", { hash: "abc", claims: [], panels: {} });
  assert.equal(full.get("a").hash, "abc");
  const broken = storageOf();
  broken.held.set("lmx pin page 1 a", "{");
  const kept = new Kept(broken);
  kept.turnTo("page", "1");
  assert.equal(kept.get("a"), null);
  assert.equal(new Kept(null).get("a"), null);
});

/** A way that the test speaks for, and what the errand has come to. */
function sent(t) {
  global(t, "document", new FakeDocument());
  const made = { said: [], closed: false, done: null, failed: null };
  const connect = (token, handlers) => {
    made.hear = handlers;
    return {
      open: true, polled: false, start: () => handlers.open(), turnTo: () => {},
      send: (message) => made.said.push(message.type), close: () => (made.closed = true),
    };
  };
  made.off = errand(connect, "a", { done: (run) => (made.done = run), failed: (why) => (made.failed = why) });
  t.after(made.off);
  return made;
}

test("an errand runs its job to the end, keeps what it showed, and leaves", (t) => {
  const made = sent(t);
  const traces = [bound()];
  made.hear.text(viewOf(traces, [{ meta: { kind: "run" } }]));
  made.hear.text({ type: "status", state: "ready", message: "", progress: 1 });
  assert.ok(made.said.includes("run"));
  made.hear.frame(rowsFrom(0, 4));
  assert.equal(made.done, null);
  made.hear.text({ type: "status", state: "done", message: "", progress: 1 });
  made.hear.text(JUDGEMENT);
  assert.deepEqual(made.done.claims, JUDGEMENT.claims);
  assert.equal(made.done.panels.loss.lines[0].y.length, 4);
  assert.ok(made.closed);
});

test("an errand that comes to nothing says why, once", (t) => {
  const made = sent(t);
  made.hear.text({ type: "status", state: "failed", message: "No such width.", progress: 1, refused: true });
  assert.equal(made.failed, "No such width.");
  made.hear.lost(true);
  assert.equal(made.failed, "No such width.");
});
