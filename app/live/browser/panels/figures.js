// From a panel's description to what Plotly draws: pure functions, no DOM.

import { rowsOf, scaled } from "./arrays.js";
import { resolved } from "./colours.js";
import { numbers } from "../session/frames.js";
import { turned } from "./turning.js";

/** @import { Axis, Extension } from "../session/messages.js" */
/** @import { Moment } from "../session/types.js" */
/** @import { Figure, Layout, LayoutAxis, Range, Trace, Values } from "./plotly.js" */
/** @import { Look, Spec } from "./types.js" */

const THEORY_KINDS = new Set(["theory", "theory2", "prediction"]);
const MOST_DECADES = 16;
const MOST_MARKED = 7;
const DIGITS = [1, 2, 5];
const PLAIN_POWERS = 3;
const PROJECTOR_TYPE = 1.7;
// Plotly draws 10<sup>n</sup> labels a quarter larger than it is told to.
const POWER_LABEL_SIZE = 14 / 1.25;

/**
 * A panel's figure with its packed arrays opened, once.
 * @param {Figure} figure
 */
export function unpacked(figure) {
  for (const trace of figure.data) {
    if (trace.x) trace.x = /** @type {Values} */ (numbers(trace.x));
    if (trace.y) trace.y = /** @type {Values} */ (numbers(trace.y));
    if (trace.z) trace.z = /** @type {Values[]} */ (numbers(trace.z));
  }
  return figure;
}

/**
 * What each trace is: `meta.kind` where given; else bound traces are the run, others theory.
 * @param {Spec} panel
 * @param {number} index
 */
export function kindOf(panel, index) {
  const kind = panel.figure.data[index].meta?.kind;
  if (kind) return kind;
  if (panel.traces.some((binding) => binding.trace === index)) return "run";
  return panel.figure.data.some((trace) => trace.meta?.kind) ? "" : "theory";
}

/**
 * The figure in the present colours, scale and size, its run traces still to be filled.
 * @param {Spec} panel
 * @param {Look} look
 * @returns {Figure}
 */
export function figureOf(panel, look) {
  const { data, layout } = resolved(panel.figure, look.palette, look.mode);
  data.forEach((trace, index) => {
    const kind = kindOf(panel, index);
    if ((!look.theory && THEORY_KINDS.has(kind)) || (!look.baseline && kind === "baseline") || (look.guessing && (trace.name === "label" || kind === "pin"))) trace.visible = false;
  });
  if (panel.view) {
    for (const trace of data) {
      const { x, y, meta } = trace;
      if (meta?.depth && x && y) Object.assign(trace, turned({ x, y, depth: meta.depth }, panel.view));
    }
  }
  if (!look.baseline && layout.shapes) layout.shapes = layout.shapes.filter((mark) => mark.name !== "baseline");
  if (!look.theory) {
    layout.shapes = layout.shapes?.filter((mark) => mark.name !== "prediction") ?? [];
    layout.annotations = layout.annotations?.filter((mark) => mark.name !== "prediction") ?? [];
  }
  if (panel.scale) Object.assign(layout, rescaled(panel, layout));
  const clock = timesOf(panel, look);
  if (clock) Object.assign(layout, timed(clock.axis, layout));
  stretch(data, layout, panel, look);
  if (panel.extension) extend(layout, panel.extension);
  evenLabels(layout);
  if (look.coarse) layout.dragmode = false;
  if (look.projector) enlarge({ data, layout }, PROJECTOR_TYPE);
  layout.autosize = false;
  layout.uirevision = `${look.token} ${look.times} ${panel.scale ?? ""} ${panel.extension ?? ""}`;
  return { data, layout };
}

/**
 * The time axis that is drawn, where there is a choice.
 * @param {Spec} panel
 * @param {Look} look
 */
function timesOf(panel, look) {
  return look.times === null ? undefined : panel.times?.[look.times];
}

/** @param {Layout} layout */
function evenLabels(layout) {
  for (const [key, value] of Object.entries(layout)) {
    if (!/^[xy]axis\d*$/.test(key)) continue;
    const axis = /** @type {LayoutAxis} */ (value);
    if (axis.type !== "log" || axis.tickformat || axis.ticktext) continue;
    if (marksDigits(axis)) {
      Object.assign(axis, axis.range ? digitTicks(axis.range) : {});
      continue;
    }
    axis.tickfont = { ...axis.tickfont, size: POWER_LABEL_SIZE };
  }
}

/**
 * Whether 2 and 5 are marked too, which Plotly writes a quarter smaller than it is told to.
 * @param {LayoutAxis} axis
 */
function marksDigits({ dtick, range }) {
  return typeof dtick === "string" && dtick.startsWith("D") && Boolean(range);
}

/**
 * Ticks at 1, 2 and 5 of every decade that a log axis shows, one decade further for who zooms out.
 * @param {Range} range in decades
 * @returns {LayoutAxis}
 */
function digitTicks([low, high]) {
  const powers = Array.from({ length: Math.ceil(high) - Math.floor(low) + 3 }, (_, i) => Math.floor(low) - 1 + i);
  const tickvals = powers.flatMap((power) => DIGITS.map((digit) => digit * 10 ** power));
  const ticktext = powers.flatMap((power) => DIGITS.map((digit) => digitText(digit, power)));
  return { tickmode: "array", tickvals, ticktext };
}

/**
 * A number of one digit, whole: a bare 5 would be 0.5 to one who counts from the 1, and 5 to another.
 * @param {number} digit
 * @param {number} power of ten
 */
function digitText(digit, power) {
  if (Math.abs(power) <= PLAIN_POWERS) return (digit * 10 ** power).toFixed(Math.max(0, -power));
  const ten = `10<sup>${String(power).replace("-", "\u2212")}</sup>`;
  return digit > 1 ? `${digit}\u2009\u00d7\u2009${ten}` : ten;
}

/**
 * The y scale the figure came with.
 * @param {Spec} panel
 * @returns {"linear" | "log"}
 */
export function givenScale(panel) {
  return panel.figure.layout.yaxis?.type === "log" ? "log" : "linear";
}

/**
 * @param {Spec} panel
 * @param {Layout} layout
 * @returns {Layout}
 */
function rescaled(panel, layout) {
  if (!panel.scale || panel.scale === givenScale(panel)) return {};
  const logarithmic = panel.scale === "log";
  const yaxis = {
    ...layout.yaxis,
    tickmode: "auto",
    tickvals: null,
    ticktext: null,
    dtick: null,
    ...(panel.axes?.[panel.scale] ?? fittingAxis(panel, logarithmic)),
    type: panel.scale,
  };
  const annotations = (layout.annotations ?? []).map((note) =>
    (note.yref ?? "y") === "y" && typeof note.y === "number"
      ? { ...note, y: logarithmic ? Math.log10(note.y) : 10 ** note.y, visible: !logarithmic || note.y > 0 }
      : note,
  );
  return { yaxis, annotations };
}

/**
 * The x axis on the other time scale; words at data positions move with it.
 * @param {Axis} axis
 * @param {Layout} layout
 * @returns {Layout}
 */
function timed(axis, layout) {
  const was = layout.xaxis?.type === "log";
  const logarithmic = axis.type === "log";
  const annotations = (layout.annotations ?? []).map((note) => {
    if (note.xref !== "x" || typeof note.x !== "number" || was === logarithmic) return note;
    return { ...note, x: logarithmic ? Math.log10(note.x) : 10 ** note.x, visible: !logarithmic || note.x > 0 };
  });
  return { xaxis: { ...layout.xaxis, dtick: null, ...axis }, annotations };
}

/**
 * What a panel's times are multiplied by on the chosen clock, for one of the settings drawn.
 * @param {Spec} panel
 * @param {Look} look
 */
export function factorOf(panel, look, source = 0) {
  return timesOf(panel, look)?.factors[source] ?? 1;
}

/**
 * @param {Trace[]} data
 * @param {Layout} layout
 * @param {Spec} panel
 * @param {Look} look
 */
function stretch(data, layout, panel, look) {
  const own = factorOf(panel, look);
  const sources = new Map(panel.traces.map((binding) => [binding.trace, binding.source]));
  data.forEach((trace, index) => {
    const factor = factorOf(panel, look, sources.get(index) ?? trace.meta?.source);
    if (factor !== 1 && trace.x) trace.x = scaled(trace.x, factor);
  });
  if (own === 1) return;
  const logarithmic = layout.xaxis?.type === "log";
  /** @param {number} x */
  const moved = (x) => (logarithmic ? x + Math.log10(own) : x * own);
  layout.shapes = (layout.shapes ?? []).map((mark) =>
    (mark.xref ?? "x") === "x" ? { ...mark, x0: mark.x0 * own, x1: mark.x1 * own } : mark,
  );
  layout.annotations = (layout.annotations ?? []).map((words) =>
    words.xref === "x" && typeof words.x === "number" ? { ...words, x: moved(words.x) } : words,
  );
}

/**
 * @param {Spec} panel
 * @param {boolean} logarithmic
 * @returns {LayoutAxis}
 */
function fittingAxis(panel, logarithmic) {
  let low = Infinity;
  let high = -Infinity;
  panel.figure.data.forEach((trace) => {
    if ((trace.yaxis ?? "y") !== "y" || trace.meta?.kind === "baseline") return;
    for (const y of Array.from(trace.y ?? [])) {
      if (!Number.isFinite(y) || (logarithmic && y <= 0)) continue;
      low = Math.min(low, y);
      high = Math.max(high, y);
    }
  });
  if (low > high) return {};
  if (!logarithmic) {
    const margin = 0.05 * (high - low || 1);
    return { range: [low - margin, high + margin] };
  }
  const top = Math.log10(high);
  const bottom = Math.max(Math.log10(low), top - MOST_DECADES);
  const margin = 0.05 * (top - bottom || 1);
  return {
    range: [bottom - margin, top + margin],
    dtick: Math.max(1, Math.ceil((top - bottom) / 6)),
    exponentformat: "power",
  };
}

/**
 * @param {Layout} layout
 * @param {Extension} extension
 */
function extend(layout, { axis, range }) {
  const target = (layout[axis === "x" ? "xaxis" : "yaxis"] ??= {});
  let [low, high] = range;
  if (target.type === "log") {
    const given = target.range ?? [0, 0];
    low = low > 0 ? Math.log10(low) : given[0];
    high = high > 0 ? Math.log10(high) : given[1];
  }
  const given = target.range ?? [low, high];
  target.range = [Math.min(given[0], low), Math.max(given[1], high)];
  if (target.type === "log" && target.dtick) {
    const least = typeof target.dtick === "number" ? target.dtick : 1;
    target.dtick = Math.max(least, Math.ceil((target.range[1] - target.range[0]) / MOST_MARKED));
  }
  target.autorange = false;
}

/**
 * Makes type and lines larger in a part of a figure; `inside` is the name it has.
 * @param {any} value
 * @param {number} factor
 */
function enlarge(value, factor, inside = "") {
  if (!value || typeof value !== "object" || ArrayBuffer.isView(value)) return;
  for (const [key, entry] of Object.entries(value)) {
    if (typeof entry === "number") {
      const sized = /font|marker/.test(inside) && key === "size";
      const stroked = inside === "line" && key === "width";
      const spaced = inside === "margin" || key === "standoff" || key === "ticklen";
      if (sized || stroked || spaced) value[key] = entry * factor;
    } else if (key === "dash" && typeof entry === "string" && /px/.test(entry)) {
      value[key] = entry.replace(/[\d.]+/g, (/** @type {string} */ length) => String(Number(length) * factor));
    } else if (!Array.isArray(entry) || typeof entry[0] === "object") {
      enlarge(entry, factor, Array.isArray(value) ? inside : key);
    }
  }
}

/**
 * Where the dots of a panel stand at the cursor: x, y and trace of every run curve.
 * @param {Spec} panel
 * @param {Moment} moment
 */
export function dotsOf(panel, moment) {
  const dots = [];
  for (const binding of panel.traces) {
    const trace = panel.figure.data[binding.trace];
    const store = moment.stores[binding.source];
    const drawn = (trace.mode ?? "lines").includes("lines") && trace.line?.width !== 0;
    const curve = binding.at !== "scrub" && kindOf(panel, binding.trace) !== "band";
    if (!drawn || !curve || !binding.x || !binding.y || !store.rows) continue;
    const row = Math.min(store.rowsUntil(moment.cursorTime), rowsOf(binding.source, moment)) - 1;
    if (row < 0) continue;
    const x = store.value(binding.x, row) * (binding.factor ?? 1);
    dots.push({ trace: binding.trace, x, y: store.value(binding.y, row) });
  }
  return dots;
}

/**
 * The column a panel's horizontal axis counts in, if it is one of the clocks.
 * @param {Spec} panel
 * @returns {"time" | "step" | null}
 */
export function clockOf(panel) {
  const records = panel.traces.filter((binding) => binding.at !== "scrub");
  const axes = new Set(records.map((binding) => binding.x));
  const [only] = axes;
  return axes.size === 1 && (only === "time" || only === "step") ? only : null;
}
