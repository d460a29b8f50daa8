import assert from "node:assert/strict";
import { test } from "node:test";

import { RoomWay, TOKEN } from "../../../../../app/live/browser/room/way.js";
import { Session } from "../../../../../app/live/browser/session/session.js";
import { clockFor, FakeDocument, global, rowsFrom } from "../fakes.js";

const ROWS = 10;
const status = (state) => ({ type: "status", state, message: "", refused: false, progress: 1, stopped_at: null, queue: null });
const view = (words) => ({ type: "view", rows_total: ROWS, complete: true, asked: { words }, links: ["?a=1"], panels: [{ id: "p", cells: true }] });
const posed = (words) => ({ view: view(words), status: status("ready") });
const recorded = (words) => ({
  view: { ...view(words), theory: true },
  before: status("ready"),
  after: status("done"),
  judgement: { type: "judgement", headline: words },
  frames: [rowsFrom(0, ROWS, { run: TOKEN, state: "running" })],
});

/** A session in a room, and what it tells its page. */
function inRoom(t) {
  const clock = clockFor(t);
  global(t, "document", new FakeDocument());
  const told = [];
  const names = ["newJob", "view", "changed", "moving", "judged", "gone", "speak", "lost", "refused", "fallback", "heard", "send"];
  const page = Object.fromEntries(names.map((name) => [name, (value) => told.push([name, value])]));
  let way;
  const session = new Session((_, handlers) => (way = new RoomWay(handlers)), {
    ...page, whenIdle: (work) => work(), painted: (work) => work(),
  });
  t.after(() => session.leave());
  session.follow(TOKEN);
  const of = (name) => told.filter(([key]) => key === name).map(([, value]) => value);
  return { clock, of, session, way };
}

/** Frame after frame until all that is held has been played. */
function play({ session, clock }) {
  clock.pass(5);
  for (let i = 0; i < 200 && session.job.tick(performance.now()); i += 1) clock.pass(100);
  session.ended(performance.now());
}

test("nothing is in view until a question comes, which is in view at once and leads nowhere", (t) => {
  const { of, session, way } = inRoom(t);
  assert.equal(session.state, "loading");
  way.ask(posed("when"));
  assert.equal(session.state, "ready");
  const [shown] = of("view");
  assert.deepEqual([shown.links, shown.panels[0].cells], [[], false]);
});

test("a run takes the question's place and plays to its verdicts at the usual pace", (t) => {
  const made = inRoom(t);
  made.way.ask(posed("when"));
  made.way.take(recorded("when"));
  assert.equal(made.of("newJob").length, 1);
  assert.equal(made.session.state, "ready");
  made.session.run();
  made.clock.pass(5);
  assert.equal(made.session.state, "running");
  assert.ok(made.session.playback.row < ROWS);
  play(made);
  assert.deepEqual(made.of("judged").map(({ headline }) => headline), ["when"]);
});

test("the next question clears what was run, also in the middle of it", (t) => {
  const made = inRoom(t);
  made.way.ask(posed("when"));
  made.way.take(recorded("when"));
  made.session.run();
  made.clock.pass(3);
  made.way.ask(posed("how high"));
  made.clock.pass(50);
  assert.equal(made.session.state, "ready");
  assert.equal(made.session.job.store.rows, 0);
  assert.equal(made.session.job.view.asked.words, "how high");
  play(made);
  assert.equal(made.of("judged").length, 0);
});

test("while a question is prepared the picture of the last one stays", (t) => {
  const { session, way } = inRoom(t);
  way.ask(posed("when"));
  way.wait();
  way.wait();
  assert.equal(session.state, "loading");
  assert.equal(session.job.view.asked.words, "when");
  way.ask(posed("how high"));
  assert.equal(session.state, "ready");
});

test("who comes after the run finds it at its end", (t) => {
  const made = inRoom(t);
  made.way.ask(posed("when"));
  made.way.finish(recorded("when"));
  made.session.job.tick(performance.now());
  made.session.ended(performance.now());
  assert.equal(made.session.state, "done");
  assert.equal(made.session.playback.row, ROWS);
  assert.equal(made.of("judged").length, 1);
});

test("what is asked of it before the run is answered by nothing", (t) => {
  const { clock, session, way } = inRoom(t);
  way.ask(posed("when"));
  way.send({ type: "run" });
  way.send({ type: "reset" });
  clock.pass(50);
  assert.equal(session.state, "ready");
  assert.equal(session.job.store.rows, 0);
});
