// How near a guess came: one table of cases, which app/room/results.py is held against too.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { compared, guessOf } from "../../../../../app/live/browser/session/guess.js";

const CASES = JSON.parse(readFileSync(new URL("../../../room/distances.json", import.meta.url), "utf8"));
const WORDS = { guess: /you (were .* closer|hit it)$/, theory: /theory (was .* closer|hit it)$/, alike: /(as close as theory|both hit it)$/, "": /nobody can be close|no theory says it beforehand/ };

for (const { case: name, guess: text, theory, run, distance, closer, ...given } of CASES) {
  test(name, () => {
    const asked = { panel: "loss", words: "?", places: [], log_x: false, log_y: false, height: 1, ...given };
    const answered = { theory, run, theory_text: String(theory ?? ""), run_text: String(run ?? "") };
    const { words, error } = compared(asked, answered, guessOf(text, asked.kind));
    if (distance === null) assert.equal(error, null);
    else assert.ok(Math.abs(error - distance) < 1e-12, `${error}`);
    assert.match(words, WORDS[closer]);
  });
}
