// The house's own 18 px glyphs; each outline can be told apart without its colour.

/** @import { LegendEntry } from "../session/messages.js" */

const NAMESPACE = "http://www.w3.org/2000/svg";

/** @type {Record<string, string>} */
const DRAWINGS = {
  lands:
    '<circle cx="9" cy="9" r="8" fill="currentColor"/>' +
    '<path class="on" d="M5.2 9.3l2.6 2.6 5-5.4" stroke-width="2"/>',
  departs:
    '<path d="M9 .8 17.2 9 9 17.2.8 9z" fill="currentColor"/>' +
    '<path class="on" d="M5.8 10.6V9.4a1.6 1.6 0 0 1 1.6-1.6h4M9.6 5.6l2.2 2.2-2.2 2.2" stroke-width="1.7"/>',
  surprise:
    '<path d="M5.7 1h6.6L17 5.7v6.6L12.3 17H5.7L1 12.3V5.7z" fill="currentColor"/>' +
    '<path class="on" d="M9 4.8v5M9 12.6v.9" stroke-width="2.2"/>',
  "not judged":
    '<circle cx="9" cy="9" r="7.4" fill="none" stroke="currentColor" stroke-width="1.6" ' +
    'stroke-dasharray="2.6 2.05"/>',
  held: '<path class="line" d="M3.5 9.6l3.6 3.6 7.4-8" stroke-width="2"/>',
  broken: '<path class="line" d="M4.2 4.2l9.6 9.6M13.8 4.2l-9.6 9.6" stroke-width="2.4"/>',
  run: '<path class="line" d="M5.5 3.6v10.8L13.8 9z" stroke-width="1.7"/>',
  pause: '<path class="line" d="M4.4 3.8h2.8v10.4H4.4zM10.8 3.8h2.8v10.4h-2.8z" stroke-width="1.5"/>',
  step: '<path class="line" d="M3.8 4v10L10.6 9zM14 3.6v10.8" stroke-width="1.7"/>',
  reset: '<path class="line" d="M9 3.2a6 6 0 1 1-5.2 3M9.6.9 7.2 3.2l2.4 2.4" stroke-width="1.7"/>',
  previous: '<path class="line" d="M11 4.5 6.5 9l4.5 4.5" stroke-width="1.8"/>',
  next: '<path class="line" d="M7 4.5 11.5 9 7 13.5" stroke-width="1.8"/>',
  down: '<path class="line" d="M4.5 7l4.5 4.5L13.5 7" stroke-width="1.8"/>',
  link:
    '<path class="line" d="M7.6 5H5.2a4 4 0 0 0 0 8h2.4M10.4 5h2.4a4 4 0 0 1 0 8h-2.4M5.8 9h6.4" ' +
    'stroke-width="1.7"/>',
  download: '<path class="line" d="M9 2.4v8.4M5.4 7.4 9 11l3.6-3.6M2.6 12v3.4h12.8V12" stroke-width="1.7"/>',
};

/**
 * The glyph of a verdict, an assumption or a control; decoration, its word stands beside it.
 * @param {string} name
 */
export function glyph(name, size = 18) {
  const svg = document.createElementNS(NAMESPACE, "svg");
  svg.setAttribute("viewBox", "0 0 18 18");
  svg.setAttribute("width", String(size));
  svg.setAttribute("height", String(size));
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `glyph glyph-${name.replace(" ", "-")}`);
  svg.innerHTML = DRAWINGS[name] ?? "";
  return svg;
}

/** @type {Record<string, { width: number, colour?: string, dash?: string }>} */
const SAMPLES = {
  theory: { width: 1.75, colour: "var(--ink)", dash: "6 4" },
  theory2: { width: 1.3, colour: "var(--ink2)", dash: "13 4 2 4" },
  prediction: { width: 1.2, colour: "var(--rule2)", dash: "1.5 3" },
  baseline: { width: 1.4, colour: "var(--rule2)", dash: "1.5 6" },
  run: { width: 2.9 },
  compared_theory: { width: 1.5, colour: "var(--ink2)", dash: "12 3" },
  compared_run: { width: 2.9, dash: "7 3" },
};

/** Of pinned runs, as panels/pinned.js draws them. */
const PINS = [
  { width: 2.1, colour: "var(--series2)", dash: "10 3" },
  { width: 2.1, colour: "var(--series3)", dash: "2 3" },
  { width: 2.1, colour: "var(--series1)", dash: "10 3 2 3" },
  { width: 2.1, colour: "var(--ink2)", dash: "16 5" },
];

/**
 * The sample of one legend entry, drawn with the very dashes of the figures.
 * @param {LegendEntry["kind"]} kind
 * @param {number | null} series
 */
export function sample(kind, series) {
  const svg = document.createElementNS(NAMESPACE, "svg");
  svg.setAttribute("viewBox", "0 0 36 12");
  svg.setAttribute("width", "36");
  svg.setAttribute("height", "12");
  svg.setAttribute("aria-hidden", "true");
  const colour = `var(--series${series ?? 0})`;
  if (kind === "band") {
    svg.innerHTML = `<rect width="36" height="12" fill="var(--band${series ?? 0})"/>`;
  } else {
    const style = (kind === "pin" ? PINS[series ?? 0] : SAMPLES[kind]) ?? SAMPLES.run;
    svg.innerHTML =
      `<path d="M0 6H36" fill="none" stroke="${style.colour ?? colour}" stroke-width="${style.width}"` +
      `${style.dash ? ` stroke-dasharray="${style.dash}"` : ""}/>`;
  }
  return svg;
}
