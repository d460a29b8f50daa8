// Plotly itself, fetched when the first figure needs it.

let loading = null;

/** Plotly, from the server that serves this module; loaded once per document. */
export function plotly(base) {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("lmx/plotly.js", base);
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      loading = null;
      reject(new Error("plotly.js could not be loaded"));
    };
    document.head.append(script);
  });
  return loading;
}
