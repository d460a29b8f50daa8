import assert from "node:assert/strict";
import { test } from "node:test";

import { Channel } from "../../../../../app/live/browser/session/channel.js";
import { Session } from "../../../../../app/live/browser/session/session.js";
import { clockFor, FakeDocument, global, rowsFrom, socketsFor } from "../fakes.js";

const VIEW = { type: "view", rows_total: 10, complete: true };

function status(state, more = {}) {
  return { type: "status", state, message: "", refused: false, progress: 1, stopped_at: null, queue: null, ...more };
}

/** A session that follows job "a" over an open socket, and what it tells its page. */
function following(t) {
  const clock = clockFor(t);
  const page = global(t, "document", new FakeDocument());
  const sockets = socketsFor(t);
  const told = [];
  const names = ["newJob", "view", "changed", "moving", "judged", "gone", "speak", "lost", "refused", "fallback", "heard", "send"];
  const tell = Object.fromEntries(names.map((name) => [name, (value) => told.push([name, value])]));
  const frames = [];
  const asked = { ...tell, whenIdle: (work) => work(), painted: (work) => frames.push(work) };
  const session = new Session((...given) => new Channel(new URL("http://host/"), ...given), asked);
  t.after(() => session.leave());
  session.follow("a");
  sockets[0].open();
  const of = (name) => told.filter(([key]) => key === name).map(([, value]) => value);
  const said = () => sockets.at(-1).said.map(({ type }) => type);
  const hear = (...messages) => messages.forEach((message) => sockets.at(-1).hear(message));
  const paint = () => frames.splice(0).forEach((work) => work());
  return { clock, hear, of, page, paint, said, session, sockets, told };
}

/** The same with its prediction drawn. */
function ready(t) {
  const made = following(t);
  made.hear(VIEW, status("ready"));
  return made;
}

/** Frame after frame until all that is held has been played. */
function play({ session, clock }) {
  for (let i = 0; i < 200 && session.job.tick(performance.now()); i += 1) clock.pass(100);
}

test("a new job is asked for whole, and seen as loading until its view is here", (t) => {
  const { hear, of, session, sockets } = following(t);
  assert.deepEqual(sockets[0].said[0], { type: "hello", view: false, rows: [0, 0], snapshots: [0, 0] });
  hear(status("ready"));
  assert.equal(session.state, "loading");
  hear(VIEW);
  assert.equal(of("newJob").length, 1);
  assert.equal(session.state, "ready");
});

test("the server hears once that a new job has been painted, and of which", (t) => {
  const { hear, paint, said, sockets } = following(t);
  hear({ ...VIEW, complete: false });
  assert.ok(!said().includes("painted"));
  paint();
  hear(VIEW);
  paint();
  const painted = sockets[0].said.filter(({ type }) => type === "painted");
  assert.deepEqual(painted, [{ type: "painted", run: "a" }]);
});

test("a view that grows is no other job", (t) => {
  const { hear, of } = following(t);
  hear({ ...VIEW, complete: false }, VIEW);
  assert.equal(of("newJob").length, 1);
  assert.equal(of("view").length, 2);
});

test("a run asked for while the prediction is on its way begins with it", (t) => {
  const { hear, said, session } = following(t);
  session.run();
  assert.ok(!said().includes("run"));
  hear({ ...VIEW, complete: false }, status("predicting", { progress: 0.5 }));
  assert.ok(!said().includes("run"));
  hear(VIEW, status("ready"));
  assert.equal(said().filter((word) => word === "run").length, 1);
  assert.equal(session.state, "running");
});

for (const state of ["running", "paused", "done"]) {
  test(`a run asked for while a job is on its way is played, also of one that is ${state} already`, (t) => {
    const { hear, said, session } = following(t);
    session.run();
    hear(VIEW, status(state));
    assert.equal(session.state, "running");
    assert.ok(said().includes("run"));
  });
}

test("to run a judged job again, it is named as the one to reset, and its own news begins nothing", (t) => {
  const made = ready(t);
  const { clock, hear, said, session, sockets } = made;
  session.run();
  hear(status("running"), rowsFrom(0, 10, { state: "done" }), status("done"), { type: "judgement" });
  play(made);
  session.ended(clock.now);
  session.reset({ run: true });
  hear(status("done", { progress: 0.9 }));
  assert.deepEqual(sockets[0].said.at(-1), { type: "reset", run: "a" });
  assert.equal(said().filter((type) => type === "run").length, 1);
  hear({ type: "moved", token: "b", stay: true }, VIEW, status("ready"));
  assert.equal(said().filter((type) => type === "run").length, 2);
});

test("every frame is acknowledged with what is held", (t) => {
  const { hear, sockets } = ready(t);
  hear(rowsFrom(0, 3), rowsFrom(5, 2), rowsFrom(3, 1, { source: 1 }));
  const acks = sockets[0].said.filter(({ type }) => type === "ack");
  assert.deepEqual(acks.map(({ source, rows }) => [source, rows]), [[0, 3], [0, 3], [1, 0]]);
});

test("frames of another job are not taken", (t) => {
  const { hear, said, session } = ready(t);
  hear(rowsFrom(0, 3, { run: "b" }));
  assert.equal(session.job.store.rows, 0);
  assert.ok(!said().includes("ack"));
});

test("a run is over on the page once its last row was seen, not when it is computed", (t) => {
  const made = ready(t);
  const { hear, of, session, clock } = made;
  const judgement = { type: "judgement", claims: [] };
  session.run();
  hear(status("running"), rowsFrom(0, 10), judgement, status("done"));
  session.ended(performance.now());
  assert.equal(session.state, "running");
  assert.equal(of("judged").length, 0);
  play(made);
  session.ended(performance.now());
  assert.equal(session.state, "done");
  assert.deepEqual(of("judged"), [judgement]);
  clock.pass(1000);
  session.ended(performance.now());
  assert.equal(of("judged").length, 1);
});

test("verdicts that do not come are waited for six seconds", (t) => {
  const made = ready(t);
  const { clock, hear, session } = made;
  session.playback.pace = "fastest";
  session.run();
  hear(rowsFrom(0, 10, { state: "done" }));
  session.job.tick(performance.now());
  session.ended(performance.now());
  clock.pass(5999);
  session.ended(performance.now());
  assert.equal(session.job.judged, false);
  clock.pass(1);
  session.ended(performance.now());
  assert.equal(session.job.judged, true);
});

test("a page opened on a run that is there already shows it, and goes on", (t) => {
  const made = following(t);
  made.hear(VIEW, status("running"), rowsFrom(0, 6));
  assert.equal(made.session.job.tick(performance.now()), true);
  assert.equal(made.session.playback.row, 6);
  assert.equal(made.session.state, "running");
});

test("a page opened on a paused run shows it, and stays paused", (t) => {
  const made = following(t);
  made.hear(VIEW, status("paused"), rowsFrom(0, 6));
  play(made);
  assert.equal(made.session.playback.row, 6);
  assert.equal(made.session.state, "paused");
});

test("a step shows a row that is held, and asks for one that is not", (t) => {
  const { hear, said, session } = ready(t);
  hear(rowsFrom(0, 1));
  session.step();
  assert.equal(session.playback.row, 1);
  assert.ok(!said().includes("step"));
  session.step();
  assert.ok(said().includes("step"));
  hear(rowsFrom(1, 1));
  assert.equal(session.playback.row, 2);
});

test("a run paused by the server stops where the rows end, but not one just asked for", (t) => {
  const { hear, session } = ready(t);
  session.run();
  hear(status("paused"));
  assert.equal(session.state, "running");
  hear(status("running"), status("paused"));
  assert.equal(session.state, "paused");
});

test("a page that was too slow to say that it is looked at says so, and plays on", (t) => {
  const { hear, page, said, session } = ready(t);
  const unseen = status("paused", { message: "paused while this tab was hidden" });
  session.run();
  hear(status("running"));
  hear(unseen);
  assert.equal(said().at(-1), "touch");
  assert.equal(session.state, "running");
  page.hidden = true;
  hear(unseen);
  assert.equal(session.state, "paused");
});

test("the cursor goes no further than what was played", (t) => {
  const { hear, session } = ready(t);
  hear(rowsFrom(0, 8));
  session.playback.head = 4;
  session.scrub(7);
  const moment = session.job.moment();
  assert.equal(moment.cursorTime, 3);
  assert.equal(moment.cursorStep, 30);
  session.scrub(1.5);
  assert.equal(session.job.moment().cursorTime, 1);
  assert.equal(session.job.moment().moving, true);
  session.release();
  assert.equal(session.job.moment().moving, false);
});

test("a connection that comes back says what is held, and that a run goes on", (t) => {
  const { clock, hear, session, sockets } = ready(t);
  session.run();
  hear(rowsFrom(0, 3, { snapshots: [{ k: 0, step: 0, name: "s0", shape: [1], values: [1] }] }));
  sockets[0].close(1006);
  assert.equal(session.broken, true);
  clock.pass(250);
  sockets[1].open();
  assert.equal(session.broken, false);
  assert.deepEqual(sockets[1].said[0], { type: "hello", view: true, rows: [3, 0], snapshots: [1, 0] });
  assert.deepEqual(sockets[1].said.map(({ type }) => type), ["hello", "pace", "run"]);
});

test("a job that took this one's place keeps its picture until its own is here", (t) => {
  const { hear, session, sockets } = ready(t);
  hear({ type: "moved", token: "b", stay: true });
  assert.equal(sockets.length, 1);
  assert.equal(session.state, "loading");
  assert.equal(session.job.token, "a");
  hear({ ...VIEW, rows_total: 20 });
  assert.equal(session.job.token, "b");
  assert.equal(session.playback.rowsTotal, 20);
});

test("a job that the socket has led away from is old news of Python's", (t) => {
  const { hear, session, sockets } = ready(t);
  hear({ type: "moved", token: "b", stay: false });
  assert.equal(sockets.at(-1).address, "ws://host/live/b");
  session.show("a");
  assert.equal(session.token, "b");
  session.show("c");
  assert.equal(session.token, "c");
});

test("a dropped job whose run is not finished is asked for anew by itself", (t) => {
  const { of, sockets } = ready(t);
  sockets[0].close(4404);
  assert.deepEqual(of("lost"), ["a"]);
});

test("a finished picture outlives its job until something is asked of it", (t) => {
  const made = ready(t);
  made.session.playback.pace = "fastest";
  made.session.run();
  made.hear(rowsFrom(0, 10), { type: "judgement" }, status("done"));
  made.session.job.tick(performance.now());
  made.session.ended(performance.now());
  made.sockets[0].close(4404);
  assert.deepEqual(made.of("lost"), []);
  assert.deepEqual(made.of("gone"), [false]);
  made.session.reset({ run: true });
  assert.deepEqual(made.of("lost"), ["a"]);
});

test("settings that were refused are told once, and the picture before them stays", (t) => {
  const { hear, of, session } = following(t);
  hear(status("failed", { message: "eta must be positive.", refused: true }));
  assert.deepEqual(of("refused"), ["a"]);
  assert.equal(session.state, "failed");
  session.follow("b");
  assert.equal(session.state, "loading");
});

test("a hidden page is not said to be looked at", (t) => {
  const { page, said, session } = ready(t);
  page.hidden = true;
  session.touch();
  assert.ok(!said().includes("touch"));
  page.hidden = false;
  session.touch();
  assert.ok(said().includes("touch"));
});

test("where no socket opens, the reader is told, and Python once", (t) => {
  const { clock, of, session, sockets } = ready(t);
  session.polling.active = true;
  session.follow("b");
  assert.equal(sockets.length, 1);
  assert.match(session.link, /twice a second/);
  assert.equal(of("send").at(-1).messages[0].type, "hello");
  clock.pass(1);
});
