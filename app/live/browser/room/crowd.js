// The guesses of a whole class as they stand in a picture. No DOM.

/** @import { Question } from "../session/messages.js" */
/** @import { Guess } from "../session/guess.js" */

/** Room for one bar of a histogram. */
const BAR_PX = 22;
/** The most of the picture that the highest bar takes, and what one guess takes at most. */
const MOST_SHARE = 0.6;
const ONE_PX = 26;

/** @typedef {{ at: number, width: number, count: number, length: number }} BarOf */

/**
 * A histogram of places along an axis; what lies beyond is counted at its ends.
 * @param {number[]} places in pixels
 * @param {number} along how long the axis is
 * @param {number} across how long a bar may get at all
 * @returns {BarOf[]} those with a guess in them, in order
 */
export function bars(places, along, across) {
  const many = Math.max(1, Math.round(along / BAR_PX));
  const width = along / many;
  const counts = Array(many).fill(0);
  for (const place of places) {
    if (Number.isFinite(place)) counts[Math.min(many - 1, Math.max(0, Math.floor(place / width)))] += 1;
  }
  const one = Math.min(ONE_PX, (MOST_SHARE * across) / Math.max(1, ...counts));
  return counts.flatMap((count, i) => (count ? [{ at: i * width, width, count, length: count * one }] : []));
}

/**
 * Labels along a line, none closer to the next than `apart`, in the order of their places.
 * @template {{ at: number }} Label
 * @param {Label[]} labels
 * @param {number} apart
 * @param {number} length of the line
 * @returns {(Label & { shown: number })[]} `shown`: where it stands
 */
export function spread(labels, apart, length) {
  const sorted = [...labels].sort((a, b) => a.at - b.at).map((label) => ({ ...label, shown: label.at }));
  for (let i = 1; i < sorted.length; i += 1) sorted[i].shown = Math.max(sorted[i].shown, sorted[i - 1].shown + apart);
  let most = length;
  for (let i = sorted.length - 1; i >= 0; i -= 1) {
    sorted[i].shown = Math.min(sorted[i].shown, most);
    most = sorted[i].shown - apart;
  }
  return sorted;
}

/** All guesses by the numbers of who made them; the last one of each counts. */
export class Crowd {
  constructor() {
    /** @type {Map<number, string>} */
    this.guesses = new Map();
    /** Another one whenever something is new. */
    this.version = 0;
  }

  /**
   * @param {[number: number, guess: string][]} all
   * @param {boolean} whole whether they replace what was there
   */
  take(all, whole) {
    if (whole) this.guesses.clear();
    for (const [number, text] of all) this.guesses.set(number, text);
    this.version += 1;
  }
}
