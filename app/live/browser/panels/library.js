// Plotly itself, fetched when the first figure needs it.

/** @import { Plotly } from "./plotly.js" */

/** @type {Promise<Plotly> | null} */
let loading = null;

/** @returns {Plotly | undefined} what the script leaves behind */
function loaded() {
  return /** @type {typeof window & { Plotly?: Plotly }} */ (window).Plotly;
}

/**
 * Plotly, from the server that serves this module; loaded once per document, often by its page.
 * @param {URL} base
 * @returns {Promise<Plotly>}
 */
export function plotly(base) {
  loading ??= new Promise((resolve, reject) => {
    const source = new URL("lmx/plotly.js", base).href;
    const asked = [...document.scripts].find((script) => script.src.split("?")[0] === source);
    const known = loaded();
    if (known && asked) {
      resolve(known);
      return;
    }
    const script = asked ?? document.createElement("script");
    const fail = () => {
      loading = null;
      script.remove();
      reject(new Error("plotly.js could not be loaded"));
    };
    script.addEventListener("load", () => {
      const found = loaded();
      if (found) resolve(found);
      else fail();
    });
    script.addEventListener("error", fail);
    if (asked) return;
    script.src = source;
    document.head.append(script);
  });
  return loading;
}
