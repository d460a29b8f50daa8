// Pinned runs in a picture: their curves over those of the page, each with its name. Pure functions, no DOM.

/** @import { Panel, View } from "../session/messages.js" */
/** @import { PinnedLine } from "../session/types.js" */
/** @import { Layout, Range, Trace } from "./plotly.js" */
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
  const data = [...figure.data];
  pins.forEach((pin, i) => data.push(...tracesOf(pin, panel.id, first + i)));
  const times = panel.times && timesOf(panel, pins, first);
  const axes = panel.axes && Object.fromEntries(Object.entries(panel.axes).map(([word, axis]) => [word, { ...axis, range: reaching(axis, pins, panel.id, "y") }]));
  const layout = reachingAll(figure.layout, pins, panel.id);
  return { ...panel, ...(times && { times }), ...(axes && { axes: /** @type {Panel["axes"]} */ (axes) }), figure: { data, layout } };
}

/**
 * The curves of one run, all of one hue, and its name at the first of them.
 * @param {Overlaid} pin
 * @param {string} id
 * @param {number} source
 * @returns {Trace[]}
 */
function tracesOf({ run, stroke, label }, id, source) {
  const { line, text, dash } = STROKES[stroke];
  const { lines } = run.panels[id];
  /** @type {Trace[]} */
  const curves = lines.map(({ x, y, ...rest }) => ({
    ...rest, type: "scatter", mode: "lines", name: label, x: gapped(x), y: gapped(y),
    line: { color: line, width: WIDTH, dash }, meta: { kind: "pin", source },
  }));
  const [at] = lines;
  const point = named(at, stroke);
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
 */
function named({ x, y }, stroke) {
  const there = x.map((_, i) => i).filter((i) => x[i] !== null && y[i] !== null);
  const i = there[Math.floor(NAMED_AT[stroke] * (there.length - 1))] ?? 0;
  return { x: x[i] ?? 0, y: y[i] ?? 0 };
}

/**
 * The time axes with a factor for each pinned run, which may count its steps otherwise.
 * @param {Panel} panel
 * @param {Overlaid[]} pins
 * @param {number} first
 */
function timesOf({ times = {}, id }, pins, first) {
  return Object.fromEntries(
    Object.entries(times).map(([word, { axis, factors }]) => {
      const own = pins.map(({ run }) => run.panels[id].factors[word] ?? 1);
      const filled = [...factors, ...Array.from({ length: first - factors.length }, () => factors[0])];
      return [word, { axis: { ...axis, range: reaching(axis, pins, id, "x", own) }, factors: [...filled, ...own] }];
    }),
  );
}

/**
 * @param {Layout} layout
 * @param {Overlaid[]} pins
 * @param {string} id
 * @returns {Layout}
 */
function reachingAll(layout, pins, id) {
  /** @type {Layout} */
  const made = { ...layout };
  const { xaxis, yaxis } = layout;
  if (xaxis?.range) made.xaxis = { ...xaxis, range: reaching({ type: xaxis.type, range: xaxis.range }, pins, id, "x") };
  if (yaxis?.range) made.yaxis = { ...yaxis, range: reaching({ type: yaxis.type, range: yaxis.range }, pins, id, "y") };
  return made;
}

/**
 * The range of an axis, wide enough for the pinned curves on it.
 * @param {{ type?: string, range: Range }} axis
 * @param {Overlaid[]} pins
 * @param {string} id
 * @param {"x" | "y"} way
 * @param {number[]} [factors] of each run
 * @returns {Range}
 */
function reaching(axis, pins, id, way, factors) {
  const logarithmic = axis.type === "log";
  let [low, high] = axis.range;
  const floor = high - MOST_DECADES;
  pins.forEach(({ run }, i) => {
    for (const line of run.panels[id].lines) {
      if ((way === "x" ? (line.xaxis ?? "x") : (line.yaxis ?? "y")) !== way) continue;
      for (const given of line[way]) {
        if (given === null || (logarithmic && given <= 0)) continue;
        const value = given * (factors?.[i] ?? 1);
        const place = logarithmic ? Math.log10(value) : value;
        if (logarithmic && place < floor) continue;
        low = Math.min(low, place);
        high = Math.max(high, place);
      }
    }
  });
  return [low, high];
}
