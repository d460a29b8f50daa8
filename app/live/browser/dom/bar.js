// Transport: run or pause, step, reset, pace, and the scrubber that moves every panel together.

import { glyph } from "./glyphs.js";
import { PACES } from "../session/playback.js";
import { decimalsFor, element, fill, fixed, plain, rich, say, whole } from "./words.js";

/** @import { Clock, View } from "../session/messages.js" */
/** @import { Attributes } from "./words.js" */
/** @import { BarActions } from "./types.js" */

const LABELS = { run: "Run", pause: "Pause", again: "Run again" };
const STEPS = 1000;
const CLOSEST_LABELS_PX = 20;
const LABELS_APART_PX = 6;

/**
 * @param {string} action
 * @param {string} icon
 * @param {string} label
 * @param {() => void} onclick
 * @param {Attributes} extra
 */
function button(action, icon, label, onclick, extra) {
  return element(
    "button",
    { type: "button", "data-action": action, onclick, ...extra },
    glyph(icon),
    element("span", { class: "label" }, label),
  );
}

/** The bar under the panels. */
export class Bar {
  /** @param {BarActions} actions */
  constructor(actions) {
    this.labels = Object.fromEntries(
      Object.entries(LABELS).map(([key, words]) => [key, element("span", {}, words)]),
    );
    this.icons = { run: glyph("run"), pause: glyph("pause") };
    this.run = element(
      "button",
      { type: "button", class: "filled", "data-action": "run", onclick: actions.run, "aria-keyshortcuts": "Space" },
      element("span", { class: "stack icons" }, this.icons.run, this.icons.pause),
      element("span", { class: "stack" }, ...Object.values(this.labels)),
    );
    this.step = button("step", "step", "Step", actions.step, { "aria-keyshortcuts": "ArrowRight", title: "one record further" });
    this.reset = button("reset", "reset", "Reset", actions.reset, { title: "back to the start, same settings" });
    this.pace = element(
      "select",
      { "data-action": "pace", "aria-label": "pace", title: "1\u00d7 plays the run in about 8 seconds", onchange: () => actions.pace(this.pace.value) },
      ...PACES.map(({ value, words }) => element("option", { value }, words)),
    );
    this.range = element("input", {
      type: "range", min: "0", max: String(STEPS), step: "1", value: "0", "data-action": "scrub", "aria-label": "time",
      oninput: () => actions.scrub(this.#timeAt(Number(this.range.value) / STEPS)),
      onchange: () => actions.release(),
    });
    this.fill = element("div", { class: "fill" });
    this.ticks = element("div", { class: "ticks", "aria-hidden": "true" });
    this.timeText = element("span");
    this.stepText = element("span");
    this.node = element(
      "div",
      { class: "bar", role: "group", "aria-label": "run controls" },
      element("div", { class: "buttons" }, this.run, this.step, this.reset,
        element("span", { class: "pace" }, this.pace, glyph("down"))),
      element("div", { class: "scrub" }, this.ticks, element("div", { class: "track" }), this.fill, this.range),
      element("div", { class: "clock" }, this.timeText, this.stepText),
    );
    this.step.disabled = this.reset.disabled = this.range.disabled = true;
    /** @type {Clock} */
    this.clock = { end_time: 1, end_step: 1, scale: "linear", time_word: "time", step_word: "step" };
    this.decimals = decimalsFor(this.clock.end_time);
    /** @type {number | null} */
    this.thinning = null;
    this.sizes = new ResizeObserver(() => this.#thinLabels());
    this.sizes.observe(this.ticks);
  }

  /** @param {View} view */
  show(view) {
    this.clock = view.clock;
    this.decimals = decimalsFor(this.clock.end_time);
    const events = view.events.filter((event) => event.time >= 0 && event.time <= this.clock.end_time);
    const changed = fill(this.ticks, [events, this.clock], () =>
      events.map((event) => {
        const symbol = element("span", {}, rich(event.symbol));
        const title = `${plain(event.symbol)}, predicted at ${fixed(event.time, this.decimals)}`;
        const tick = element("div", { class: "tick", title }, symbol, element("i"));
        tick.style.left = `${100 * this.#fractionAt(event.time)}%`;
        return tick;
      }),
    );
    if (changed) this.thinning ??= requestAnimationFrame(() => this.#thinLabels());
  }

  /**
   * Buttons of a state.
   * @param {string} state what data-state says
   * @param {{ rows: number, fresh: boolean }} how `fresh` while another job is awaited
   */
  state(state, { rows, fresh }) {
    const running = state === "running";
    const over = state === "done" || state === "stopped";
    const label = running ? "pause" : over ? "again" : "run";
    for (const [key, node] of Object.entries(this.labels)) node.classList.toggle("off", key !== label);
    this.icons.run.classList.toggle("off", running);
    this.icons.pause.classList.toggle("off", !running);
    this.run.setAttribute("aria-label", LABELS[label]);
    this.run.disabled = !fresh && (state === "failed" || state === "loading");
    if (fresh) return;
    this.step.disabled = running || over || this.run.disabled;
    this.reset.disabled = !rows && !running && state !== "failed";
    this.range.disabled = !rows;
  }

  /**
   * Puts the thumb at a time; `known` is how far the run has been played.
   * @param {number} time
   * @param {number} step
   * @param {number} known
   */
  at(time, step, known) {
    const shown = this.#fractionAt(time);
    this.range.value = String(Math.round(shown * STEPS));
    this.node.style.setProperty("--known", String(this.#fractionAt(known)));
    const { time_word: timeWord, step_word: stepWord } = this.clock;
    const times = timeWord ? `${timeWord} ${fixed(time, time === 0 ? 0 : this.decimals)}` : "";
    const steps = stepWord ? `${stepWord} ${whole(step)}` : "";
    say(this.timeText, times);
    say(this.stepText, steps);
    this.range.setAttribute("aria-valuetext", [times, steps].filter(Boolean).join(", "));
  }

  leave() {
    if (this.thinning !== null) cancelAnimationFrame(this.thinning);
    this.sizes.disconnect();
  }

  /** Where a logarithmic clock begins. */
  get #start() {
    const { end_time: end, first_time: first = 0 } = this.clock;
    return first > 0 ? first : end / 1e4;
  }

  /** @param {number} time */
  #fractionAt(time) {
    const { end_time: end, scale } = this.clock;
    if (!(end > 0) || !Number.isFinite(time)) return 0;
    if (scale !== "log") return Math.min(1, Math.max(0, time / end));
    const start = this.#start;
    return Math.min(1, Math.max(0, Math.log(Math.max(time, start) / start) / Math.log(end / start)));
  }

  /** @param {number} fraction */
  #timeAt(fraction) {
    const { end_time: end, scale } = this.clock;
    if (scale !== "log") return fraction * end;
    const start = this.#start;
    return fraction === 0 ? 0 : start * (end / start) ** fraction;
  }

  #thinLabels() {
    this.thinning = null;
    const width = this.ticks.clientWidth;
    const ticks = /** @type {HTMLElement[]} */ ([...this.ticks.children]);
    const labels = ticks.map((tick) => {
      const label = /** @type {HTMLElement} */ (tick.firstChild);
      return { label, at: (parseFloat(tick.style.left) / 100) * width, half: label.offsetWidth / 2 };
    });
    let last = { at: -Infinity, half: 0 };
    for (const one of labels) {
      const room = one.at - last.at >= Math.max(CLOSEST_LABELS_PX, one.half + last.half + LABELS_APART_PX);
      one.label.style.visibility = room ? "" : "hidden";
      if (room) last = one;
    }
  }
}
