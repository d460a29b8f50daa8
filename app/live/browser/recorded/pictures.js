// Pictures of finished runs on a page without a server, drawn as they come into view: app/recorded/home.py writes them.

import { resolved } from "../panels/colours.js";
import { find } from "./find.js";

/** @import { Figure, Plotly } from "../panels/plotly.js" */
/** @import { Palettes } from "../session/page.js" */

const STILL = { displayModeBar: false, staticPlot: true };
const dark = matchMedia("(prefers-color-scheme: dark)");

/**
 * Draws every picture of the document, in the mode of the screen.
 * @param {Palettes} palettes
 */
export function draw(palettes) {
  find();
  const { Plotly } = /** @type {typeof window & { Plotly: Plotly }} */ (window);
  /** @type {Record<string, Figure>} */
  const figures = JSON.parse(document.getElementById("pictures")?.textContent ?? "{}");
  /** Those that were in view: @type {Set<HTMLElement>} */
  const seen = new Set();
  const show = (/** @type {HTMLElement} */ node) => {
    const mode = dark.matches ? "dark" : "light";
    const { data, layout } = resolved(figures[node.dataset.picture ?? ""], palettes[mode] ?? {}, mode);
    const size = { width: node.clientWidth, height: node.clientHeight };
    Plotly.react(node, data, { ...layout, ...size }, STILL);
  };
  const watcher = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      const node = /** @type {HTMLElement} */ (target);
      if (!isIntersecting || seen.has(node)) continue;
      seen.add(node);
      show(node);
    }
  }, { rootMargin: "200px" });
  const nodes = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-picture]"));
  for (const node of nodes) watcher.observe(node);
  const again = () => seen.forEach(show);
  dark.addEventListener("change", again);
  addEventListener("resize", again);
}
