import assert from "node:assert/strict";
import { test } from "node:test";

import { Recording } from "../../../../../app/live/browser/session/recording.js";
import { Session } from "../../../../../app/live/browser/session/session.js";
import { clockFor, FakeDocument, global, rowsFrom } from "../fakes.js";

const ROWS = 10;
const status = (state) => ({ type: "status", state, message: "", refused: false, progress: 1, stopped_at: null, queue: null });
const recorded = {
  view: { type: "view", rows_total: ROWS, complete: true },
  before: status("ready"),
  after: status("done"),
  judgement: { type: "judgement", headline: "All land" },
  frames: [rowsFrom(0, ROWS, { run: "recorded", state: "running" })],
};

/** A session that plays the recording, and what it tells its page. */
function playing(t) {
  const clock = clockFor(t);
  global(t, "document", new FakeDocument());
  const told = [];
  const names = ["newJob", "view", "changed", "moving", "judged", "gone", "speak", "lost", "refused", "fallback", "heard", "send"];
  const page = Object.fromEntries(names.map((name) => [name, (value) => told.push([name, value])]));
  const session = new Session((token, handlers) => new Recording(recorded, token, handlers), {
    ...page, whenIdle: (work) => work(), painted: (work) => work(),
  });
  t.after(() => session.leave());
  session.follow("recorded");
  clock.pass(5);
  const of = (name) => told.filter(([key]) => key === name).map(([, value]) => value);
  return { clock, of, session };
}

/** Frame after frame until all that is held has been played; the page asks for the verdicts at the end. */
function play({ session, clock }) {
  for (let i = 0; i < 200 && session.job.tick(performance.now()); i += 1) clock.pass(100);
  session.ended(performance.now());
}

test("a recording is ready at once, and shows nothing of the run before it is asked for", (t) => {
  const { of, session } = playing(t);
  assert.equal(session.state, "ready");
  assert.equal(of("view").length, 1);
  assert.equal(session.job.store.rows, 0);
});

test("a press of Run plays it at its pace, and ends with the verdicts", (t) => {
  const made = playing(t);
  made.session.run();
  made.clock.pass(5);
  assert.equal(made.session.job.store.rows, ROWS);
  assert.equal(made.session.state, "running");
  assert.ok(made.session.playback.row < ROWS);
  play(made);
  assert.deepEqual(made.of("judged"), [recorded.judgement]);
  assert.equal(made.session.state, "done");
});

test("a step goes one record further, and another one after it", (t) => {
  const { clock, session } = playing(t);
  session.step();
  clock.pass(5);
  assert.equal(session.playback.row, 1);
  assert.equal(session.state, "paused");
  session.step();
  assert.equal(session.playback.row, 2);
});

test("what is paused goes on where it was, and no row comes twice", (t) => {
  const made = playing(t);
  const { clock, session } = made;
  session.run();
  clock.pass(5);
  session.job.tick(performance.now());
  clock.pass(400);
  session.job.tick(performance.now());
  session.pause();
  const { row } = session.playback;
  clock.pass(2000);
  assert.equal(session.state, "paused");
  assert.equal(session.playback.row, row);
  session.run();
  play(made);
  assert.equal(session.state, "done");
});

test("Reset goes back to before the run, and the same run can be played again", (t) => {
  const made = playing(t);
  made.session.run();
  made.clock.pass(5);
  play(made);
  made.session.reset();
  made.clock.pass(5);
  assert.equal(made.session.state, "ready");
  assert.equal(made.session.job.store.rows, 0);
  made.session.reset({ run: true });
  made.clock.pass(20);
  assert.equal(made.session.state, "running");
  play(made);
  assert.equal(made.of("judged").length, 2);
});

test("nothing is said once the page has left", (t) => {
  const { clock, of, session } = playing(t);
  session.run();
  session.leave();
  clock.pass(20);
  assert.equal(session.job.store.rows, 0);
  assert.equal(of("lost").length, 0);
});
