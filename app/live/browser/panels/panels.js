// The grid of figures, and which of them is drawn when.

import { Panel } from "./panel.js";
import { afterPaint } from "../dom/after_paint.js";
import { element, say } from "../dom/words.js";

/** @import { Extension, Panel as Given } from "../session/messages.js" */
/** @import { Moment } from "../session/types.js" */
/** @import { Plotly } from "./plotly.js" */
/** @import { Look, PanelActions } from "./types.js" */

const FRAMES = 4;
const BELOW_MS = 30;
const SHOWN_BY_A_PROJECTOR = 2;

/**
 * Gives a node these children; what stands right already is not touched.
 * @param {HTMLElement} node
 * @param {HTMLElement[]} children
 */
function inOrder(node, children) {
  if (children.length !== node.children.length || children.some((child, i) => node.children[i] !== child)) node.replaceChildren(...children);
}

/** All panels of a view, in order; panels keep their drawing as long as their id stays. */
export class Panels {
  /**
   * @param {Promise<Plotly>} plotly
   * @param {Omit<PanelActions, "redraw"> & { failed: (error: Error) => void }} actions
   */
  constructor(plotly, actions) {
    this.actions = { ...actions, redraw: () => this.redraw() };
    this.node = element("div", { class: "panels" });
    /** Where the large one stands. */
    this.hero = element("div", { class: "hero" });
    /** The panel a reader made the large one: @type {string | null} */
    this.chosen = null;
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
    this.sizes.observe(this.hero);
    plotly.then((Plotly) => {
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
      this.hero.replaceChildren(this.frames[0]);
      this.node.replaceChildren(...this.frames.slice(1));
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
    for (const panel of old.values()) this.#drop(panel);
    this.#place();
  }

  /**
   * Makes a panel the large one; the view's first where there is none of that id.
   * @param {string | null} id
   */
  lead(id) {
    this.chosen = id;
    if (!this.panels.length) return;
    this.#place();
    this.redraw();
  }

  /** The large one in its place, the others in the grid behind, in order. */
  #place() {
    const hero = this.panels.find(({ spec }) => spec.id === this.chosen) ?? this.panels[0];
    const others = this.panels.filter((panel) => panel !== hero);
    for (const panel of this.panels) panel.setLead(panel === hero);
    this.panels.forEach((panel) => (panel.node.dataset.projector = String(panel === hero || others.indexOf(panel) < SHOWN_BY_A_PROJECTOR - 1)));
    const cells = others.reduce((sum, { spec }) => sum + spec.height_units, 0);
    const last = others.at(-1);
    for (const panel of this.panels) panel.node.classList.toggle("wide", panel === last && cells % 2 === 1 && last.spec.height_units === 1);
    inOrder(this.hero, hero ? [hero.node] : []);
    inOrder(this.node, others.map((panel) => panel.node));
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
    if (!Plotly || !look || !moment || !this.hero.isConnected) return;
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
      if (alts[panel.spec.id]) panel.setAlt(alts[panel.spec.id]);
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
