// The reader's guess over a panel: a line to drag, or a curve to draw, by mouse, finger or keys.

import { axesOf } from "./axes.js";
import { shape } from "./shape.js";
import { guessText, heightAt } from "../session/guess.js";
import { element } from "../dom/words.js";

/** @import { Guess } from "../session/guess.js" */
/** @import { Question } from "../session/messages.js" */
/** @import { Axes } from "./axes.js" */
/** @import { Panel } from "./panel.js" */

/** Points of a drawn curve, and those the keys move. */
const KNOTS = 33;
const KEY_KNOTS = 9;
const KEY_STEP = 0.02;
const WAYS = {
  time: "Tap into the picture or drag, or press the arrow keys",
  level: "Tap into the picture or drag, or press the arrow keys",
  curve: "Draw the curve with mouse or finger, or press the arrow keys",
};

/** Lies over the panel's plot; the panel has it drawn anew whenever it has been drawn itself. */
export class GuessLayer {
  /**
   * @param {Panel} panel
   * @param {Question} asked
   * @param {(guess: Guess) => void} changed
   */
  constructor(panel, asked, changed) {
    this.panel = panel;
    this.asked = asked;
    this.changed = changed;
    /** @type {Guess | null} */
    this.guess = null;
    this.open = true;
    /** Which of its knots the keys move. */
    this.knot = Math.floor(KEY_KNOTS / 2);
    this.dragging = false;
    /** Which points a stroke has passed; the others follow the nearest of them. @type {boolean[]} */
    this.stroked = [];
    /** Where a stroke was last: @type {{ x: number, y: number } | null} */
    this.last = null;
    this.picture = shape("svg");
    this.picture.setAttribute("aria-hidden", "true");
    this.node = element("div", {
      class: `guess-layer ${asked.kind}`, role: "slider", tabindex: "0", "aria-label": "your guess", "data-kind": asked.kind,
      onpointerdown: (/** @type {PointerEvent} */ event) => this.#down(event),
      onpointermove: (/** @type {PointerEvent} */ event) => this.#move(event),
      onpointerup: () => this.#up(),
      onpointercancel: () => this.#up(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
    });
    this.node.append(this.picture);
    panel.plot.after(this.node);
    panel.layer = this;
    this.draw();
  }

  /** How it is put in, for who reads. */
  get way() {
    return WAYS[this.asked.kind];
  }

  /** @param {Guess | null} guess */
  set(guess) {
    this.guess = guess;
    this.stroked = [];
    this.draw();
  }

  /**
   * Whether the guess may still be changed.
   * @param {boolean} open
   */
  setOpen(open) {
    this.open = open;
    this.node.classList.toggle("closed", !open);
    this.node.tabIndex = open ? 0 : -1;
  }

  leave() {
    this.node.remove();
    if (this.panel.layer === this) this.panel.layer = null;
  }

  /** Puts the drawing where the panel's axes are now. */
  draw() {
    const axes = axesOf(this.panel);
    this.picture.replaceChildren();
    if (!axes) return;
    const { left, top, width, height } = axes;
    this.node.style.cssText = `left:${left}px;top:${top}px;width:${width}px;height:${height}px`;
    this.#say();
    const { guess } = this;
    if (guess === null) return;
    if (typeof guess !== "number") {
      const points = guess.map(([time, at]) => `${axes.across(time).toFixed(1)},${within(axes.down(at), height).toFixed(1)}`);
      this.picture.append(shape("polyline", { points: points.join(" ") }));
      return;
    }
    if (this.asked.kind === "time") {
      const x = axes.across(guess);
      this.picture.append(shape("line", { x1: x, x2: x, y1: 0, y2: height }), shape("circle", { cx: x, cy: height / 2, r: 8 }));
    } else {
      const y = axes.down(guess);
      this.picture.append(shape("line", { x1: 0, x2: width, y1: y, y2: y }), shape("circle", { cx: width / 2, cy: y, r: 8 }));
    }
  }

  #say() {
    const { guess } = this;
    const words = guess === null ? "none yet" : typeof guess === "number" ? guessText(guess) : "a curve";
    this.node.setAttribute("aria-valuetext", words);
    this.node.setAttribute("aria-valuenow", typeof guess === "number" ? guessText(guess) : "0");
  }

  // --- Mouse and finger ---------------------------------------------------------------------

  /** @param {PointerEvent} event */
  #down(event) {
    if (!this.open || event.button > 0) return;
    event.preventDefault();
    this.node.setPointerCapture(event.pointerId);
    this.node.focus({ preventScroll: true });
    this.last = null;
    this.dragging = true;
    this.#trace(event);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (this.open && this.dragging) this.#trace(event);
  }

  #up() {
    this.dragging = false;
    this.last = null;
  }

  /** @param {PointerEvent} event */
  #trace(event) {
    const axes = axesOf(this.panel);
    if (!axes) return;
    const box = this.node.getBoundingClientRect();
    const x = within(event.clientX - box.left, axes.width);
    const y = within(event.clientY - box.top, axes.height);
    if (this.asked.kind === "time") this.#put(axes.time(x));
    else if (this.asked.kind === "level") this.#put(axes.level(y));
    else this.#stroke({ x, y });
  }

  /** @param {Guess} guess */
  #put(guess) {
    if (typeof guess === "number" && !Number.isFinite(guess)) return;
    this.guess = guess;
    this.draw();
    this.changed(guess);
  }

  /**
   * A stroke from where the pointer was: every knot it passes takes its height.
   * @param {{ x: number, y: number }} here
   */
  #stroke(here) {
    const axes = axesOf(this.panel);
    if (!axes) return;
    const from = this.last ?? here;
    this.last = here;
    if (this.guess === null) this.stroked = Array(KNOTS).fill(false);
    const heights = this.#heights(KNOTS, axes, here.y);
    const [low, high] = [Math.min(from.x, here.x), Math.max(from.x, here.x)];
    const each = axes.width / (KNOTS - 1);
    for (let i = 0; i < KNOTS; i += 1) {
      const x = i * each;
      if (x < low - each / 2 || x > high + each / 2) continue;
      const part = high > low ? (within(x - low, high - low)) / (high - low) : 1;
      const [first, second] = from.x <= here.x ? [from.y, here.y] : [here.y, from.y];
      heights[i] = first + part * (second - first);
      if (this.stroked.length) this.stroked[i] = true;
    }
    this.#follow(heights);
    this.#put(this.#curve(heights, axes));
  }

  /**
   * What no stroke has passed yet is as high as the nearest point that one has.
   * @param {number[]} heights
   */
  #follow(heights) {
    const passed = this.stroked.flatMap((was, i) => (was ? [i] : []));
    if (!passed.length) return;
    this.stroked.forEach((was, i) => {
      if (!was) heights[i] = heights[passed.reduce((best, j) => (Math.abs(j - i) < Math.abs(best - i) ? j : best))];
    });
  }

  /**
   * The curve at so many places along the picture, in pixels; level at `otherwise` where there is none.
   * @param {number} count
   * @param {Axes} axes
   * @param {number} otherwise
   */
  #heights(count, axes, otherwise) {
    const { guess, asked } = this;
    return Array.from({ length: count }, (_, i) => {
      if (guess === null || typeof guess === "number") return otherwise;
      const time = axes.time((i * axes.width) / (count - 1));
      return within(axes.down(heightAt(guess, time, asked)), axes.height);
    });
  }

  /**
   * @param {number[]} heights
   * @param {Axes} axes
   * @returns {[number, number][]}
   */
  #curve(heights, axes) {
    return heights.map((y, i) => [axes.time((i * axes.width) / (heights.length - 1)), axes.level(y)]);
  }

  // --- Keys ---------------------------------------------------------------------------------

  /** @param {KeyboardEvent} event */
  #key(event) {
    const axes = axesOf(this.panel);
    /** @type {Record<string, [number, number]>} */
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const way = ways[event.key];
    if (!way || !axes || !this.open || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const size = event.shiftKey ? 5 * KEY_STEP : KEY_STEP;
    const { guess, asked: { kind } } = this;
    if (kind === "curve") {
      this.#keyedCurve(way, size, axes);
      return;
    }
    const [length, sense] = kind === "time" ? [axes.width, way[0] - way[1]] : [axes.height, way[1] - way[0]];
    const before = typeof guess !== "number" ? length / 2 : kind === "time" ? axes.across(guess) : axes.down(guess);
    const at = within(before + sense * size * length, length);
    this.#put(kind === "time" ? axes.time(at) : axes.level(at));
  }

  /**
   * Left and right choose a knot, up and down move it.
   * @param {[number, number]} way
   * @param {number} size
   * @param {Axes} axes
   */
  #keyedCurve([across, down], size, axes) {
    this.knot = within(this.knot + across, KEY_KNOTS - 1);
    const heights = this.#heights(KEY_KNOTS, axes, axes.height / 2);
    heights[this.knot] = within(heights[this.knot] + down * size * axes.height, axes.height);
    this.#put(this.#curve(heights, axes));
    const each = axes.width / (KEY_KNOTS - 1);
    this.picture.append(shape("circle", { cx: this.knot * each, cy: heights[this.knot], r: 8 }));
  }
}

/**
 * @param {number} value
 * @param {number} most
 */
function within(value, most) {
  return Math.min(most, Math.max(0, value));
}
