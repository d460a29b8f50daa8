import assert from "node:assert/strict";
import { test } from "node:test";

import { PACES, Playback } from "../../../../../app/live/browser/session/playback.js";

function playing(rows, pace = "1") {
  const playback = new Playback();
  playback.reset(rows);
  playback.pace = pace;
  playback.start();
  return playback;
}

test("at 1\u00d7 a whole run is played in eight seconds", () => {
  const playback = playing(800);
  for (let now = 0; now <= 8000; now += 100) playback.tick(now, 800);
  assert.equal(playback.row, 800);
  const slower = playing(800);
  for (let now = 0; now <= 7900; now += 100) slower.tick(now, 800);
  assert.ok(slower.row < 800);
});

test("every pace has a rate, and the fastest has no bound", () => {
  const rates = PACES.map(({ value }) => playing(80, value).rate);
  assert.deepEqual(rates, [5, 10, 20, 40, null]);
});

test("nothing is played that is not held", () => {
  const playback = playing(800);
  playback.tick(0, 3);
  playback.tick(400, 3);
  assert.equal(playback.row, 3);
  const fastest = playing(800, "fastest");
  fastest.tick(0, 5);
  assert.equal(fastest.row, 5);
});

test("a frame that came late moves the head by half a second at most", () => {
  const playback = playing(800);
  playback.tick(0, 800);
  playback.tick(60_000, 800);
  assert.equal(playback.row, 50);
});

test("a pause is not played afterwards", () => {
  const playback = playing(800);
  playback.tick(0, 800);
  playback.stop();
  playback.tick(200, 800);
  playback.start();
  assert.equal(playback.tick(400, 800), false);
  playback.tick(500, 800);
  assert.equal(playback.row, 10);
});

test("catching up shows all that is held, without playing", () => {
  const playback = new Playback();
  playback.catchingUp = true;
  assert.equal(playback.tick(0, 40), true);
  assert.equal(playback.row, 40);
});

test("a step goes one whole row further, if it is held", () => {
  const playback = new Playback();
  playback.head = 2.7;
  assert.equal(playback.step(3), true);
  assert.equal(playback.head, 3);
  assert.equal(playback.step(3), false);
  assert.equal(playback.head, 3);
});

test("another job begins at its first row with the pace that was chosen", () => {
  const playback = playing(800, "4");
  playback.head = 300;
  playback.catchingUp = true;
  playback.reset(80);
  assert.deepEqual([playback.head, playback.playing, playback.catchingUp, playback.rate], [0, false, false, 40]);
});
