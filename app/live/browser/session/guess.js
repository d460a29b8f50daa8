// A reader's guess: as a link keeps it, and how it does beside theory and run. No DOM.

import { brief, whole } from "../dom/words.js";

/** @import { Answered, Question } from "./messages.js" */

/**
 * A number, or a curve's points with growing times.
 * @typedef {number | [time: number, height: number][]} Guess
 */

const MOST_CHARACTERS = 2000;
const MOST_KNOTS = 64;
const DIGITS = 3;
/** Ratios of two distances within which neither is called closer. */
const ALIKE = 1.2;
const MOST_TIMES = 10_000;

/** @param {number} value */
function short(value) {
  return String(Number(value.toPrecision(DIGITS)));
}

/**
 * What a link says of a guess; null where it is none, or none of this kind.
 * @param {string | null} text
 * @param {Question["kind"]} kind
 * @returns {Guess | null}
 */
export function guessOf(text, kind) {
  if (!text || text.length > MOST_CHARACTERS) return null;
  if (kind !== "curve") {
    const value = /^[-+.\deE]+$/.test(text) ? Number(text) : NaN;
    return Number.isFinite(value) ? value : null;
  }
  const points = text.split(",").map((part) => part.split(":").map(Number));
  const good = points.length >= 2 && points.length <= MOST_KNOTS &&
    points.every((point, i) => point.length === 2 && point.every(Number.isFinite) && (!i || point[0] > points[i - 1][0]));
  return good ? /** @type {[number, number][]} */ (points) : null;
}

/**
 * A guess as a link keeps it, in three digits.
 * @param {Guess} guess
 */
export function guessText(guess) {
  if (typeof guess === "number") return short(guess);
  const points = guess.map(([time, height]) => [short(time), short(height)]);
  // Times that three digits do not tell apart are one.
  return points.filter(([time], i) => !i || Number(time) > Number(points[i - 1][0])).map((point) => point.join(":")).join(",");
}

/**
 * A curve's height at a time, between its points as straight as the axes draw it, and level beyond them.
 * @param {[number, number][]} points
 * @param {number} time
 * @param {Pick<Question, "log_x" | "log_y">} axes
 */
export function heightAt(points, time, { log_x: logX, log_y: logY }) {
  const [first, last] = [points[0], points[points.length - 1]];
  if (time <= first[0]) return first[1];
  if (time >= last[0]) return last[1];
  const i = points.findIndex(([at]) => at >= time);
  const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
  const along = (/** @type {number} */ x) => (logX ? Math.log(x) : x);
  const part = (along(time) - along(x0)) / (along(x1) - along(x0));
  return logY && y0 > 0 && y1 > 0 ? y0 * (y1 / y0) ** part : y0 + part * (y1 - y0);
}

/**
 * How far a curve lies from the run, in shares of the picture's height, on the average along it.
 * @param {(time: number, i: number) => number | null} curve
 * @param {(number | null)[]} run
 * @param {Question} asked
 */
function distance(curve, run, asked) {
  const shares = asked.places.flatMap((time, i) => {
    const [one, other] = [curve(time, i), run[i]];
    if (one === null || other === null) return [];
    const apart = asked.log_y ? Math.log10(one) - Math.log10(other) : one - other;
    return Number.isFinite(apart) ? [Math.abs(apart) / asked.height] : [];
  });
  return shares.length ? shares.reduce((sum, share) => sum + share, 0) / shares.length : null;
}

/**
 * Who was closer, in words: "theory was 40 times closer".
 * @param {number} you the distance of the reader's guess from the run
 * @param {number} theory that of theory
 */
export function closer(you, theory) {
  if (you === 0 && theory === 0) return "both hit it";
  if (theory === 0) return "theory hit it";
  if (you === 0) return "you hit it";
  const ratio = Math.max(you / theory, theory / you);
  if (ratio < ALIKE) return "you were as close as theory";
  const rounded = Number(ratio.toPrecision(ratio < 10 ? 2 : 1));
  const times = ratio > MOST_TIMES ? `more than ${whole(MOST_TIMES)}` : ratio < 10 ? String(rounded) : whole(rounded);
  return `${you > theory ? "theory was" : "you were"} ${times} times closer`;
}

/** @param {number} share */
export function percent(share) {
  const value = 100 * share;
  return `${value >= 10 ? Math.round(value) : value < 0.01 ? "under 0.01" : Number(value.toPrecision(2))}\u2009%`;
}

/**
 * What the reader's guess has to do with theory and run: one sentence.
 * @param {Question} asked
 * @param {Answered} answered
 * @param {Guess} guess
 * @returns {{ words: string, error: number | null }} `error`: how far it was off, to compare readers
 */
export function compared(asked, answered, guess) {
  if (typeof guess !== "number") return comparedCurves(asked, answered, guess);
  const { theory, run } = answered;
  const parts = [`you ${brief(guess)}`];
  if (answered.theory_text) parts.push(`theory ${answered.theory_text}`);
  parts.push(`run ${answered.run_text || "never there"}`);
  const said = parts.join(", ");
  if (typeof run !== "number") return { words: `${said}: nobody can be close`, error: null };
  const error = Math.abs(guess - run);
  if (typeof theory !== "number") return { words: `${said}: no theory says it beforehand`, error };
  return { words: `${said}: ${closer(error, Math.abs(theory - run))}`, error };
}

/**
 * @param {Question} asked
 * @param {Answered} answered
 * @param {[number, number][]} guess
 */
function comparedCurves(asked, answered, guess) {
  const { theory, run } = answered;
  const error = Array.isArray(run) ? distance((time) => heightAt(guess, time, asked), run, asked) : null;
  if (error === null || !Array.isArray(run)) return { words: "the run drew no such curve: nobody can be close", error: null };
  const yours = `your curve is ${percent(error)} of the picture's height off the run on average`;
  const theirs = Array.isArray(theory) ? distance((_, i) => theory[i], run, asked) : null;
  if (theirs === null) return { words: `${yours}; no theory says it beforehand`, error };
  return { words: `${yours}, theory ${percent(theirs)}: ${closer(error, theirs)}`, error };
}
