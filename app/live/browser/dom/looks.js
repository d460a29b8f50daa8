// How a page looks: its mode, and what of theory, naive guess, time axis and large type is shown.

import { dress, modeOf } from "../panels/colours.js";

/** @import { Panels } from "../panels/panels.js" */
/** @import { Look, Mode } from "../panels/types.js" */
/** @import { Page } from "../session/page.js" */
/** @import { Guessing } from "./guessing.js" */
/** @import { Legend } from "./legend.js" */

const coarse = matchMedia("(pointer: coarse)");

/** Tells a page's parts once what has changed. */
export class Looks {
  /**
   * @param {object} page
   * @param {Element} page.host
   * @param {HTMLElement} page.root
   * @param {Panels} page.panels
   * @param {Legend} page.legend
   * @param {Guessing} page.guessing
   * @param {() => void} page.redraw
   */
  constructor({ host, root, panels, legend, guessing, redraw }) {
    this.host = host;
    this.root = root;
    this.panels = panels;
    this.legend = legend;
    this.guessing = guessing;
    this.redraw = redraw;
    this.theory = true;
    this.projector = false;
    this.baseline = false;
    /** Which time axis is chosen: @type {string | null} */
    this.times = null;
    this.key = ""; // of what is drawn
  }

  /**
   * @param {Page} given
   * @param {string | null} token the job in view
   * @param {Mode} mode paper is light whatever the screen is
   */
  dress(given, token, mode = modeOf(this.host)) {
    const palette = given.palette[mode] ?? {};
    const { projector, times, guessing: { hides: guessing } } = this;
    const [theory, baseline] = [this.theory && !guessing, this.baseline && !guessing];
    /** @type {Look} */
    const look = { palette, mode, projector, theory, guessing, baseline, coarse: coarse.matches, times, token };
    const key = JSON.stringify([look, this.guessing.must]);
    if (key === this.key) return;
    this.key = key;
    dress(this.root, palette, mode);
    if (this.root.classList.contains("projector") !== projector) {
      this.root.classList.toggle("projector", projector);
      this.legend.resized();
    }
    this.root.dataset.theory = theory ? "on" : "off";
    this.root.dataset.baseline = baseline ? "on" : "off";
    this.root.dataset.guessing = guessing ? "on" : "off";
    this.legend.markTimes(this.times);
    this.legend.markBaseline(this.baseline);
    this.legend.markGuessFirst(this.guessing.on, this.guessing.must);
    this.panels.dress(look);
    this.redraw();
  }

  /** What is drawn is new, and has to be dressed whatever it looked like before. */
  forget() {
    this.key = "";
  }
}
