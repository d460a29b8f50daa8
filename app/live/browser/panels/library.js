// Plotly itself, fetched when the first figure needs it.

let loading = null;

/** Plotly, from the server that serves this module; loaded once per document, often by its page. */
export function plotly(base) {
  loading ??= new Promise((resolve, reject) => {
    const source = new URL("lmx/plotly.js", base).href;
    const asked = [...document.scripts].find((script) => script.src === source);
    if (window.Plotly && asked) {
      resolve(window.Plotly);
      return;
    }
    const script = asked ?? document.createElement("script");
    script.addEventListener("load", () => resolve(window.Plotly));
    script.addEventListener("error", () => {
      loading = null;
      script.remove();
      reject(new Error("plotly.js could not be loaded"));
    });
    if (asked) return;
    script.src = source;
    document.head.append(script);
  });
  return loading;
}
