// Who was near, once the run has ended: a number in its colour, and how far off it was.

import { brief, element, fill, rich } from "../dom/words.js";
import { percent } from "../session/guess.js";
import { chip, colourOf, many } from "./people.js";

/** @import { Question } from "../session/messages.js" */
/** @import { Results } from "./types.js" */

const MOST = 12;

/** Beside the picture on the wall. */
export class Nearest {
  /** @param {string[]} colours that numbers go through */
  constructor(colours) {
    this.colours = colours;
    this.node = element("section", { class: "nearest", "aria-label": "results", hidden: true });
  }

  /**
   * @param {Results | null} results
   * @param {Question | null} asked
   * @param {string} headline of the claims
   */
  show(results, asked, headline) {
    this.node.hidden = results === null;
    if (!results) return;
    fill(this.node, [results, headline], () => {
      const near = results.all.filter(([, , distance]) => distance !== null).slice(0, MOST);
      const far = (/** @type {number} */ distance) => (asked?.kind === "curve" ? percent(distance) : brief(distance));
      const list = element("ol", {}, ...near.map(([number, , distance]) =>
        element("li", { "data-number": String(number) }, chip(number, colourOf(number, this.colours)), " ", element("span", {}, far(distance ?? 0))),
      ));
      const title = near.length ? `Nearest of ${many(results.of, "guess")}` : "Nobody has guessed";
      const off = near.length ? element("p", { class: "off" }, asked?.kind === "curve" ? "off the run, of the height" : "off the run") : null;
      const nodes = [headline ? element("p", { class: "headline" }, rich(headline)) : null, element("h2", {}, title), off, list];
      return nodes.filter((node) => node !== null);
    });
  }
}
