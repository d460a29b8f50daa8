// A reader's guess: read, written, and held against theory and run.

import assert from "node:assert/strict";
import test from "node:test";

import { closer, compared, guessOf, guessText, heightAt } from "../../../../../app/live/browser/session/guess.js";

const AXES = { log_x: false, log_y: false };
const NUMBER = { kind: "time", panel: "loss", words: "When?", places: [], height: 1, ...AXES };
const CURVE = { ...NUMBER, kind: "curve", places: [0, 1, 2], height: 2 };
const said = (theory, run) => ({ theory, run, theory_text: String(theory ?? ""), run_text: String(run ?? "") });

test("a number is read as it is written", () => {
  for (const text of ["2.06", "-0.5", "3e-7", "1200"]) assert.equal(guessText(guessOf(text, "time")), String(Number(text)));
});

test("what is no guess of this kind is none", () => {
  const wrong = ["", "Jane", "NaN", "Infinity", "1:2,3:4", "0x10", "1".repeat(2001), null];
  for (const text of wrong) assert.equal(guessOf(text, "level"), null, String(text));
  const curves = ["3.1", "0:1", "0:1,0:2", "1:1,0:2", "0:1,1:x", "0:1,1:NaN", "0:1,1:2:3", Array.from({ length: 65 }, (_, i) => `${i}:1`).join()];
  for (const text of curves) assert.equal(guessOf(text, "curve"), null, text);
});

test("a curve is kept in three digits, and times that those do not tell apart are one", () => {
  assert.equal(guessText([[0, 1], [1.00001, 0.98765], [1.00002, 3], [2, -0.5]]), "0:1,1:0.988,2:-0.5");
  assert.deepEqual(guessOf("0:1,1:0.988", "curve"), [[0, 1], [1, 0.988]]);
});

test("between its points a curve is as straight as the axes draw it, and level beyond them", () => {
  const points = [[1, 1], [100, 0.01]];
  assert.equal(heightAt(points, 50.5, AXES), 0.505);
  assert.ok(Math.abs(heightAt(points, 10, { log_x: true, log_y: true }) - 0.1) < 1e-12);
  assert.equal(heightAt(points, 0.1, AXES), 1);
  assert.equal(heightAt(points, 1000, AXES), 0.01);
});

test("who was closer is told by the ratio of the distances from the run", () => {
  assert.equal(closer(4, 0.1), "theory was 40 times closer");
  assert.equal(closer(0.1, 0.35), "you were 3.5 times closer");
  assert.equal(closer(1, 1.1), "you were as close as theory");
  assert.equal(closer(1, 0), "theory hit it");
  assert.equal(closer(0, 1), "you hit it");
  assert.equal(closer(1, 1e-9), "theory was more than 10\u2009000 times closer");
});

test("a number is judged in the words of the claims", () => {
  assert.deepEqual(compared(NUMBER, said(2.06, 2.05), 3.05), { words: "you 3.05, theory 2.06, run 2.05: theory was 100 times closer", error: 1 });
  assert.equal(compared(NUMBER, said(null, 4), 3).words, "you 3, run 4: no theory says it beforehand");
  assert.deepEqual(compared(NUMBER, said(2, null), 3), { words: "you 3, theory 2, run never there: nobody can be close", error: null });
});

test("what is said is written as the page writes numbers", () => {
  assert.match(compared(NUMBER, said(1, 1.5), -0.5).words, /^you \u22120.5, /);
  assert.match(compared(NUMBER, said(1, 1.5), 3e-7).words, /^you 3.00 \u00d7 10\u207b\u2077, /);
  assert.equal(closer(8000, 1), "theory was 8\u2009000 times closer");
});

test("a curve is judged by its mean distance in shares of the picture's height", () => {
  const { words, error } = compared(CURVE, said([1, 1, 1], [1, 1, 1.2]), [[0, 1], [2, 2]]);
  assert.ok(Math.abs(error - (0 + 0.25 + 0.4) / 3) < 1e-12);
  assert.match(words, /^your curve is 22\u2009% .*, theory 3.3\u2009%: theory was 6.5 times closer$/);
  assert.equal(compared(CURVE, said(null, null), [[0, 1], [2, 2]]).error, null);
});

test("places that the run does not reach count for nobody", () => {
  const { error } = compared(CURVE, said([1, 1, null], [1, null, 1]), [[0, 1], [2, 3]]);
  assert.equal(error, (0 + 1) / 2);
});
