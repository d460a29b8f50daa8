// The grid of figures, and which of them is drawn when.

import { plotly } from "./library.js";
import { Panel } from "./panel.js";
import { element, plain, say } from "../dom/words.js";

/** @import { Extension, Panel as Given } from "../session/messages.js" */
/** @import { Moment } from "../session/types.js" */
/** @import { Plotly } from "./plotly.js" */
/** @import { Look, PanelActions } from "./types.js" */

const FRAMES = 4;
const BELOW_MS = 30;
const SHOWN_BY_A_PROJECTOR = 2;

/**
 * Does something once what is drawn now has been seen; returns what calls it off.
 * @param {() => void} work
 */
function afterPaint(work, pause = 0) {
  /** @type {number | undefined} */
  let timer;
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(work, pause);
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}

/** All panels of a view, in order; panels keep their drawing as long as their id stays. */
export class Panels {
  /**
   * @param {URL} base
   * @param {Omit<PanelActions, "redraw"> & { failed: (error: Error) => void }} actions
   */
  constructor(base, actions) {
    this.actions = { ...actions, redraw: () => this.redraw() };
    this.node = element("div", { class: "panels" });
    /** @type {Panel[]} */
    this.panels = [];
    this.made = 0;
    /** Empty ones, before there is anything to draw: @type {HTMLElement[]} */
    this.frames = [];
    /** @type {Plotly | null} */
    this.Plotly = null;
    /** @type {Look | null} */
    this.look = null;
    /** @type {Moment | null} */
    this.moment = null;
    /** Whether no size has changed since it was read. */
    this.measured = false;
    /** What calls off the drawing of the next panel: @type {(() => void) | null} */
    this.next = null;
    /** The same, below the screen: @type {(() => void) | null} */
    this.below = null;
    /** @type {number | null} */
    this.again = null;
    this.watcher = new IntersectionObserver((entries) => this.#seen(entries));
    this.sizes = new ResizeObserver(() => requestAnimationFrame(() => this.#resized()));
    this.sizes.observe(this.node);
    plotly(base).then((Plotly) => {
      this.Plotly = Plotly;
      this.redraw();
    }, actions.failed);
  }

  /**
   * Empty frames while the very first prediction is on its way.
   * @param {string} words
   */
  wait(words) {
    if (!this.frames.length) {
      const frame = () => element("div", { class: "panel frame" }, element("div", { class: "plot" }, element("p", { class: "empty" })));
      this.frames = Array.from({ length: FRAMES }, frame);
      this.node.replaceChildren(...this.frames);
    }
    for (const frame of this.frames) {
      const empty = frame.querySelector(".empty");
      if (empty) say(empty, words);
    }
  }

  /** @param {Given[]} specs */
  show(specs) {
    const old = new Map(this.panels.map((panel) => [panel.spec.id, panel]));
    this.panels = specs.map((spec) => {
      const panel = old.get(spec.id);
      if (panel) {
        panel.adopt(spec);
        old.delete(spec.id);
        return panel;
      }
      const made = new Panel(spec, (this.made += 1), this.actions);
      this.watcher.observe(made.node);
      return made;
    });
    this.panels.forEach((panel, i) => (panel.node.dataset.projector = String(i < SHOWN_BY_A_PROJECTOR)));
    const cells = specs.reduce((sum, spec) => sum + spec.height_units, 0);
    const alone = cells % 2 === 1 && specs.at(-1)?.height_units === 1;
    this.panels.forEach((panel, i) => panel.node.classList.toggle("wide", alone && i === specs.length - 1));
    for (const panel of old.values()) this.#drop(panel);
    const nodes = this.panels.map((panel) => panel.node);
    if (nodes.some((node, i) => this.node.children[i] !== node) || this.node.children.length !== nodes.length) {
      this.node.replaceChildren(...nodes);
    }
  }

  /** Reads all sizes while nothing is written yet; the next drawing then costs no layout. */
  measure() {
    for (const panel of this.panels) panel.measure();
    this.measured = true;
  }

  /**
   * New colours, theory on or off, projector: everything is drawn anew.
   * @param {Look} look
   */
  dress(look) {
    this.look = look;
    for (const panel of this.panels) panel.dirty = true;
  }

  /** @param {Moment} moment */
  draw(moment) {
    this.moment = moment;
    this.redraw();
  }

  redraw() {
    const { Plotly, look, moment } = this;
    if (!Plotly || !look || !moment || !this.node.isConnected) return;
    let rested = 0;
    let due = 0;
    for (const panel of this.panels) if (!this.measured || !panel.room.width) panel.measure();
    this.measured = false;
    for (const panel of this.panels) {
      if (!panel.visible && panel.dirty) continue;
      if (panel.due && ((due += 1) > 1 || this.next)) continue;
      if (panel.draw(Plotly, look, moment, rested < 1)) rested += 1;
    }
    if (due) this.next ??= afterPaint(() => this.#next());
    else this.#drawBelow();
    const tired = this.panels.some((panel) => panel.visible && !panel.resting && !panel.dirty);
    if (tired && !moment.moving) this.again ??= requestAnimationFrame(() => this.#again());
  }

  /** Every panel as it should be seen now, also those below the screen. */
  settle() {
    const { Plotly, look, moment } = this;
    if (!Plotly || !look || !moment) return;
    for (const panel of this.panels) panel.settle(Plotly, look, moment);
  }

  /** Panels below the screen must fit the new width too, or the page would scroll sideways. */
  #resized() {
    for (const panel of this.panels) panel.dirty ||= panel.outgrown();
    this.redraw();
  }

  /** What is not on screen is drawn after what is, one panel a frame. */
  #drawBelow() {
    if (this.below || !this.panels.some((panel) => !panel.visible && panel.dirty)) return;
    this.below = afterPaint(() => {
      this.below = null;
      const { Plotly, look, moment } = this;
      const next = this.panels.find((panel) => !panel.visible && panel.dirty);
      if (!next || !Plotly || !look || !moment) return;
      next.measure();
      if (next.draw(Plotly, look, moment, false)) this.#drawBelow();
    }, BELOW_MS);
  }

  /**
   * After the run: axes that must grow, and alternative texts that name its numbers.
   * @param {Extension[]} extensions
   * @param {Record<string, string>} alts
   */
  extend(extensions, alts) {
    for (const panel of this.panels) {
      const extension = extensions.find((one) => one.panel === panel.spec.id);
      if (extension) panel.extend(extension);
      if (alts[panel.spec.id]) panel.plot.setAttribute("aria-label", plain(alts[panel.spec.id]));
    }
  }

  /** A new job begins with the axes of its prediction. */
  contract() {
    for (const panel of this.panels) panel.extend(null);
  }

  /** A whole drawing is slow: each is seen before the next is begun. */
  #next() {
    this.next = null;
    this.redraw();
  }

  #again() {
    this.again = null;
    this.redraw();
  }

  leave() {
    if (this.again !== null) cancelAnimationFrame(this.again);
    this.next?.();
    this.below?.();
    this.watcher.disconnect();
    this.sizes.disconnect();
    for (const panel of this.panels) this.#drop(panel);
  }

  /** @param {Panel} panel */
  #drop(panel) {
    this.watcher.unobserve(panel.node);
    this.Plotly?.purge(panel.figure);
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #seen(entries) {
    for (const { target, isIntersecting } of entries) {
      const panel = this.panels.find(({ node }) => node === target);
      if (panel) panel.visible = isIntersecting;
    }
    this.redraw();
  }
}
