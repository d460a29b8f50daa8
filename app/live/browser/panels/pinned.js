// Pinned runs in a picture: their curves over those of the page, each with its name. Pure functions, no DOM.

import { numbers } from "../session/frames.js";

/** @import { Panel, View } from "../session/messages.js" */
/** @import { PinnedLine } from "../session/types.js" */
/** @import { Layout, LayoutAxis, Range, Trace, Values } from "./plotly.js" */
/** @import { Overlaid } from "./types.js" */

/** Hues in an order that stays apart for the colour-blind; each has a dash of its own for those who see none. */
export const STROKES = [
  { line: "role:series2", text: "role:text2", dash: "10px,3px" },
  { line: "role:series3", text: "role:text3", dash: "2px,3px" },
  { line: "role:series1", text: "role:text1", dash: "10px,3px,2px,3px" },
  { line: "role:ink2", text: "role:ink2", dash: "16px,5px" },
];
const WIDTH = 2.1;
/** Where along its curve the name of each stands, so that no two stand in one place. */
const NAMED_AT = [0.18, 0.34, 0.5, 0.66];
const MOST_DECADES = 16;

/**
 * A view with pinned runs in one of its panels; their legend entry says what the letters are.
 * @param {View} view
 * @param {Overlaid[]} pins
 * @param {string | null} lead the panel that is large; the first where there is none of that id
 * @returns {View}
 */
export function overlaid(view, pins, lead) {
  const hero = view.panels.find(({ id }) => id === lead) ?? view.panels[0];
  const drawn = pins.filter(({ run }) => hero && run.panels[hero.id]?.lines.length);
  if (!hero || !drawn.length) return view;
  const panels = view.panels.map((panel) => (panel === hero ? withPins(panel, drawn) : panel));
  const words = `<span>pinned: ${drawn.map(({ letter }) => letter).join(", ")}</span>`;
  const [{ stroke }] = drawn;
  return { ...view, panels, legend: [...view.legend, { kind: "pin", words, colour: stroke, when: "always" }] };
}

/**
 * @param {Panel} panel
 * @param {Overlaid[]} pins
 * @returns {Panel}
 */
function withPins(panel, pins) {
  const { figure } = panel;
  const first = Math.max(1, ...Object.values(panel.times ?? {}).map(({ factors }) => factors.length));
  const layout = reachingAll(panel, pins);
  const window = panel.times ? undefined : layout.xaxis; // on another time axis places are not known yet
  const data = [...figure.data];
  pins.forEach((pin, i) => data.push(...tracesOf(pin, panel.id, first + i, window)));
  const times = panel.times && timesOf(panel, pins, first);
  const axes = panel.axes && Object.fromEntries(Object.entries(panel.axes).map(([word, axis]) => [word, { ...axis, range: reaching(axis, pins, panel, "y") }]));
  return { ...panel, ...(times && { times }), ...(axes && { axes: /** @type {Panel["axes"]} */ (axes) }), figure: { data, layout } };
}

/**
 * The curves of one run, all of one hue, and its name at the first of them.
 * @param {Overlaid} pin
 * @param {string} id
 * @param {number} source
 * @param {LayoutAxis} [window] the x axis, which may not show all of a curve
 * @returns {Trace[]}
 */
function tracesOf({ run, stroke, label, words }, id, source, window) {
  const { line, text, dash } = STROKES[stroke];
  const { lines } = run.panels[id];
  /** @type {Trace[]} */
  const curves = lines.map(({ x, y, ...rest }) => ({
    ...rest, type: "scatter", mode: "lines", name: words, x: gapped(x), y: gapped(y),
    line: { color: line, width: WIDTH, dash }, meta: { kind: "pin", source },
  }));
  const [at] = lines;
  const point = named(at, stroke, window);
  const { xaxis, yaxis } = at;
  const name = { type: "scatter", mode: "text", name: "label", x: [point.x], y: [point.y], text: [label], xaxis, yaxis };
  const looks = { textposition: "top right", textfont: { color: text, size: 13 }, hoverinfo: "skip", cliponaxis: true };
  return [...curves, /** @type {Trace} */ ({ ...name, ...looks, meta: { kind: "pin", source } })];
}

/** @param {(number | null)[]} values */
function gapped(values) {
  return Float64Array.from(values, (value) => value ?? NaN);
}

/**
 * Where a curve is named.
 * @param {PinnedLine} line
 * @param {number} stroke
 * @param {LayoutAxis} [window]
 */
function named({ x, y }, stroke, window) {
  const [low, high] = window?.range ?? [-Infinity, Infinity];
  /** @param {number} value */
  const placed = (value) => (window?.type === "log" ? Math.log10(value) : value);
  const seen = (/** @type {number | null} */ value) => value !== null && placed(value) >= low && placed(value) <= high;
  const there = x.map((_, i) => i).filter((i) => seen(x[i]) && y[i] !== null);
  const i = there[Math.floor(NAMED_AT[stroke] * (there.length - 1))] ?? 0;
  return { x: x[i] ?? 0, y: y[i] ?? 0 };
}

/**
 * The time axes with a factor for each pinned run, which may count its steps otherwise.
 * @param {Panel} panel
 * @param {Overlaid[]} pins
 * @param {number} first
 */
function timesOf(panel, pins, first) {
  const { times = {}, id } = panel;
  return Object.fromEntries(
    Object.entries(times).map(([word, { axis, factors }]) => {
      const own = pins.map(({ run }) => run.panels[id].factors[word] ?? 1);
      const filled = [...factors, ...Array.from({ length: first - factors.length }, () => factors[0])];
      return [word, { axis: { ...axis, range: reaching(axis, pins, panel, "x", own, factors[0]) }, factors: [...filled, ...own] }];
    }),
  );
}

/**
 * @param {Panel} panel
 * @param {Overlaid[]} pins
 * @returns {Layout}
 */
function reachingAll(panel, pins) {
  const { layout } = panel.figure;
  /** @type {Layout} */
  const made = { ...layout };
  const { xaxis, yaxis } = layout;
  if (xaxis?.range) made.xaxis = { ...xaxis, range: reaching({ type: xaxis.type, range: xaxis.range }, pins, panel, "x") };
  if (yaxis?.range) made.yaxis = { ...yaxis, range: reaching({ type: yaxis.type, range: yaxis.range }, pins, panel, "y") };
  return made;
}

/**
 * The range of an axis, wide enough for the pinned curves on it; an end that cuts what the panel draws itself, as
 * where it shows the first steps alone, stays.
 * @param {{ type?: string, range: Range }} axis
 * @param {Overlaid[]} pins
 * @param {Panel} panel
 * @param {"x" | "y"} way
 * @param {number[]} [factors] of each run
 * @param {number} [factor] of the panel's own
 * @returns {Range}
 */
function reaching(axis, pins, panel, way, factors, factor = 1) {
  const logarithmic = axis.type === "log";
  let [low, high] = axis.range;
  const own = panel.figure.data.filter(({ meta }) => meta?.kind !== "baseline").map((trace) => span(trace, way, logarithmic, factor));
  const [cutsLow, cutsHigh] = [own.some(([least]) => least < low), own.some(([, most]) => most > high)];
  const floor = high - MOST_DECADES;
  pins.forEach(({ run }, i) => {
    for (const line of run.panels[panel.id].lines) {
      const [least, most] = span(line, way, logarithmic, factors?.[i] ?? 1, floor);
      if (!cutsLow) low = Math.min(low, least);
      if (!cutsHigh) high = Math.max(high, most);
    }
  });
  return [low, high];
}

/**
 * The lowest and the highest place of a curve along the first axis of that way.
 * @param {Trace | PinnedLine} line
 * @param {"x" | "y"} way
 * @param {boolean} logarithmic
 * @param {number} factor
 * @returns {Range} from infinity to minus infinity where it has none
 */
function span(line, way, logarithmic, factor, floor = -Infinity) {
  let [low, high] = [Infinity, -Infinity];
  if ((way === "x" ? (line.xaxis ?? "x") : (line.yaxis ?? "y")) !== way) return [low, high];
  const given = line[way];
  for (const value of given ? Array.from(/** @type {ArrayLike<number | null>} */ (numbers(/** @type {Values} */ (given)))) : []) {
    if (value === null || !Number.isFinite(value) || (logarithmic && value <= 0)) continue;
    const place = logarithmic ? Math.log10(value * factor) : value * factor;
    if (logarithmic && place < floor) continue;
    low = Math.min(low, place);
    high = Math.max(high, place);
  }
  return [low, high];
}
