// All guesses of a class in the picture, under its curves: a histogram along an axis, or a bundle of curves.

import { axesOf } from "../panels/axes.js";
import { shape } from "../panels/shape.js";
import { guessOf } from "../session/guess.js";
import { bars, spread } from "./crowd.js";
import { colourOf } from "./people.js";

/** @import { Axes } from "../panels/axes.js" */
/** @import { Panel } from "../panels/panel.js" */
/** @import { Question } from "../session/messages.js" */
/** @import { Crowd } from "./crowd.js" */

const LABEL_PX = 34;
const LABEL_HEIGHT_PX = 30;
const LABEL_Y_PX = 18;

/** Belongs to one panel, which has it drawn anew whenever it has been drawn itself. */
export class CrowdLayer {
  /**
   * @param {Panel} panel
   * @param {Question} asked
   * @param {Crowd} crowd
   */
  constructor(panel, asked, crowd) {
    this.panel = panel;
    this.asked = asked;
    this.crowd = crowd;
    this.shown = true;
    /** Those that are marked, nearest first: @type {number[]} */
    this.nearest = [];
    /** @type {number[]} */
    this.marked = [];
    /** @type {string[]} */
    this.colours = [];
    this.key = ""; // of what is drawn
    this.picture = shape("svg", { class: "crowd", "aria-hidden": "true" });
    /** Numbers lie over the curves: @type {SVGElement} */
    this.labels = shape("svg", { class: "crowd", "aria-hidden": "true" });
    panel.plot.prepend(this.picture);
    panel.plot.append(this.labels);
    panel.layer = this;
    this.draw();
  }

  leave() {
    this.picture.remove();
    this.labels.remove();
    if (this.panel.layer === this) this.panel.layer = null;
  }

  /** @param {boolean} shown */
  show(shown) {
    this.shown = shown;
    this.draw();
  }

  /**
   * Marks who was nearest to the run.
   * @param {number[]} nearest
   * @param {string[]} colours
   */
  mark(nearest, colours) {
    this.nearest = nearest;
    this.colours = colours;
    this.draw();
  }

  /** Puts the drawing where the panel's axes are now. */
  draw() {
    const axes = axesOf(this.panel);
    if (!axes) return;
    const { left, top, width, height } = axes;
    // The ends of both axes say which they are: a scale may be switched.
    const ends = [axes.time(0), axes.time(width), axes.level(0), axes.level(height)];
    const key = JSON.stringify([left, top, width, height, ends, this.crowd.version, this.shown, this.nearest]);
    if (key === this.key) return;
    this.key = key;
    /** As many as their numbers have room along the axis. */
    this.marked = this.nearest.slice(0, Math.floor(this.asked.kind === "time" ? width / LABEL_PX : height / LABEL_HEIGHT_PX));
    this.picture.replaceChildren();
    this.labels.replaceChildren();
    this.picture.dataset.shown = String(this.shown);
    this.picture.dataset.guesses = String(this.crowd.guesses.size);
    this.picture.dataset.marked = String(this.marked.length);
    if (!this.shown) return;
    const [under, over] = [this.picture, this.labels].map((picture) => {
      const inner = shape("g", { transform: `translate(${left} ${top})` });
      picture.append(inner);
      return inner;
    });
    if (this.asked.kind === "curve") this.#curves(under, over, axes);
    else this.#numbers(under, over, axes);
  }

  /**
   * @param {Element} inner
   * @param {Element} over
   * @param {Axes} axes
   */
  #numbers(inner, over, axes) {
    const upright = this.asked.kind === "time";
    const { width, height } = axes;
    const [along, across] = upright ? [width, height] : [height, width];
    const place = (/** @type {number} */ guess) => (upright ? axes.across(guess) : axes.down(guess));
    /** @type {[number, number][]} */
    const placed = [...this.crowd.guesses].flatMap(([number, text]) => {
      const guess = guessOf(text, this.asked.kind);
      return typeof guess === "number" ? [[number, place(guess)]] : [];
    });
    for (const bar of bars(placed.map(([, at]) => at), along, across)) {
      const [gap, thick] = [1.5, Math.max(1, bar.width - 3)];
      inner.append(upright
        ? shape("rect", { class: "bar-of", x: bar.at + gap, y: height - bar.length, width: thick, height: bar.length })
        : shape("rect", { class: "bar-of", x: 0, y: bar.at + gap, width: bar.length, height: thick }));
    }
    const marked = placed.filter(([number]) => this.marked.includes(number)).map(([number, at]) => ({ number, at: Math.min(along, Math.max(0, at)) }));
    for (const { number, at, shown } of spread(marked, upright ? LABEL_PX : LABEL_HEIGHT_PX, along)) {
      const colour = colourOf(number, this.colours);
      const ends = upright ? { x1: at, x2: at, y1: LABEL_Y_PX, y2: height } : { x1: 0, x2: width - LABEL_Y_PX, y1: at, y2: at };
      inner.append(shape("line", { class: "marked", ...ends, stroke: colour }));
      if (upright) label(over, { x: shown, y: LABEL_Y_PX }, number, colour);
      else label(over, { x: width - LABEL_PX / 2, y: shown }, number, colour);
    }
  }

  /**
   * @param {Element} inner
   * @param {Element} over
   * @param {Axes} axes
   */
  #curves(inner, over, axes) {
    const { height, width } = axes;
    const within = (/** @type {number} */ y) => Math.min(height, Math.max(0, y));
    /** @type {{ number: number, at: number, points: string }[]} */
    const marked = [];
    for (const [number, text] of this.crowd.guesses) {
      const guess = guessOf(text, "curve");
      if (guess === null || typeof guess === "number") continue;
      const drawn = guess.map(([time, level]) => [axes.across(time), within(axes.down(level))]);
      const points = drawn.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
      if (this.marked.includes(number)) marked.push({ number, at: drawn[drawn.length - 1][1], points });
      else inner.append(shape("polyline", { class: "one-of", points }));
    }
    for (const { number, points, shown } of spread(marked, LABEL_HEIGHT_PX, height)) {
      const colour = colourOf(number, this.colours);
      inner.append(shape("polyline", { class: "marked", points, stroke: colour }));
      label(over, { x: width - LABEL_PX / 2, y: shown }, number, colour);
    }
  }
}

/**
 * A number on its colour, around a place.
 * @param {Element} inner
 * @param {{ x: number, y: number }} place
 * @param {number} number
 * @param {string} colour
 */
function label(inner, { x, y }, number, colour) {
  const width = 14 + 11 * String(number).length;
  const words = shape("text", { x, y: y + 7 });
  words.textContent = String(number);
  inner.append(shape("rect", { class: "label-of", x: x - width / 2, y: y - 13, width, height: 26, rx: 13, fill: colour }), words);
}
