// Run curves while they grow: paths drawn straight into the plot, below the theory. A full Plotly
// redraw costs a hundred times as much; it happens once the curves rest.

import { boundValues, definedOnly } from "./arrays.js";

/** @import { Binding } from "../session/messages.js" */
/** @import { Moment } from "../session/types.js" */
/** @import { Drawing, FullAxis, FullLayout, Marker, Trace } from "./plotly.js" */
/** @import { Arrays, Spec } from "./types.js" */

/**
 * Places in pixels; null where there is none.
 * @typedef {([number, number] | null)[]} Places
 */

/**
 * The attributes of an SVG path; those that are null are left out.
 * @typedef {Record<string, string | number | null | undefined>} Path
 */

const SVG = "http://www.w3.org/2000/svg";
/** @type {Record<string, string>} */
const DASHES = { dot: "3px,3px", dash: "9px,9px", longdash: "15px,15px", dashdot: "9px,3px,3px,3px" };

/**
 * True for traces this file can draw: lines and dots of one colour, no maps, bars or words.
 * @param {Trace} trace
 * @param {Binding} binding
 */
export function strokable(trace, binding) {
  const drawn = (trace.type ?? "scatter") === "scatter" && !(trace.mode ?? "").includes("text");
  return drawn && !binding.z && !binding.marks;
}

/**
 * @param {Arrays} values
 * @param {FullAxis} across
 * @param {FullAxis} up
 */
function points({ x = [], y = [] }, across, up) {
  const length = Math.min(x.length, y.length);
  /** @type {Places} */
  const found = [];
  for (let i = 0; i < length; i += 1) {
    const [left, top] = [across.d2p(x[i]), up.d2p(y[i])];
    found.push(Number.isFinite(left) && Number.isFinite(top) ? [left, top] : null);
  }
  return found;
}

/**
 * @param {Places} at
 * @param {Trace} trace
 */
function linePath(at, { connectgaps: joined, line }) {
  let path = "";
  let pen = false;
  for (const point of at) {
    if (!point) {
      pen &&= Boolean(joined);
      continue;
    }
    const [x, y] = point;
    if (!pen) path += `M${x.toFixed(1)},${y.toFixed(2)}`;
    else if (line?.shape === "hv") path += `H${x.toFixed(1)}V${y.toFixed(2)}`;
    else if (line?.shape === "vh") path += `V${y.toFixed(2)}H${x.toFixed(1)}`;
    else path += `L${x.toFixed(1)},${y.toFixed(2)}`;
    pen = true;
  }
  return path;
}

/**
 * @param {Places} top
 * @param {Places} bottom
 */
function areaPath(top, bottom) {
  const above = top.filter((point) => point !== null);
  const below = bottom.filter((point) => point !== null).reverse();
  if (!above.length || !below.length) return "";
  /** @param {[number, number]} point */
  const corner = ([x, y]) => `${x.toFixed(1)},${y.toFixed(2)}`;
  return `M${above.map(corner).join("L")}L${below.map(corner).join("L")}Z`;
}

/**
 * @param {Places} at
 * @param {number} radius
 */
function dotsPath(at, radius) {
  const arc = `a${radius},${radius} 0 1,1`;
  return at
    .filter((point) => point !== null)
    .map(([x, y]) => `M${(x - radius).toFixed(1)},${y.toFixed(1)}${arc} ${2 * radius},0${arc} ${-2 * radius},0`)
    .join("");
}

/**
 * The dots of a trace; open ones are rings.
 * @param {Places} at
 * @param {Trace} trace
 * @returns {Path}
 */
export function markersPath(at, trace) {
  /** @type {Marker} */
  const marker = trace.marker ?? {};
  const colour = typeof marker.color === "string" ? marker.color : trace.line?.color;
  const radius = (typeof marker.size === "number" ? marker.size : 6) / 2;
  const made = { d: dotsPath(at, radius), opacity: marker.opacity ?? trace.opacity ?? 1 };
  if (String(marker.symbol).endsWith("-open")) return { ...made, fill: "none", stroke: colour, "stroke-width": marker.line?.width ?? 1 };
  const edge = marker.line?.width ? { stroke: marker.line.color, "stroke-width": marker.line.width } : {};
  return { ...made, fill: colour, ...edge };
}

/**
 * The axis that a trace names: "x" is xaxis, "y2" is yaxis2.
 * @param {FullLayout} layout
 * @param {string} id
 */
export function axisOf(layout, id) {
  return layout[/** @type {`xaxis${string}`} */ (id.replace(/^([xy])/, "$1axis"))];
}

/** The growing curves of one figure. */
export class Strokes {
  /** @param {Drawing} figure */
  constructor(figure) {
    this.figure = figure;
    /** One group of paths for each subplot: @type {Map<string, Element>} */
    this.layers = new Map();
    /** Plotly's own nodes of these curves: @type {HTMLElement[]} */
    this.hidden = [];
  }

  /**
   * Draws every bound curve as it stands at a moment, in place of Plotly's own.
   * @param {Spec} panel
   * @param {Moment} moment
   */
  draw(panel, moment) {
    const { data, _fullLayout: layout } = this.figure;
    if (!layout) return;
    /** @type {Map<number, Places>} */
    const before = new Map();
    /** @type {Map<string, Path[]>} */
    const paths = new Map();
    for (const binding of panel.traces) {
      const trace = data[binding.trace];
      if (!strokable(trace, binding) || trace.visible === false) continue;
      const [across, up] = [axisOf(layout, trace.xaxis ?? "x"), axisOf(layout, trace.yaxis ?? "y")];
      const at = points({ x: trace.x ?? [], ...definedOnly(boundValues(binding, moment)) }, across, up);
      before.set(binding.trace, at);
      const subplot = `${trace.xaxis ?? "x"}${trace.yaxis ?? "y"}`;
      const made = this.#tracePaths(trace, at, before.get(binding.trace - 1), up);
      paths.set(subplot, [...(paths.get(subplot) ?? []), ...made]);
    }
    for (const [subplot, list] of paths) this.#fill(layout, subplot, list);
    this.#hideOwn(panel);
  }

  /**
   * @param {Trace} trace
   * @param {Places} at
   * @param {Places | undefined} previous places of the trace before it, which an area may reach to
   * @param {FullAxis} up
   */
  #tracePaths(trace, at, previous, up) {
    /** @type {Path[]} */
    const paths = [];
    const mode = trace.mode ?? "lines";
    const line = trace.line ?? {};
    const opacity = trace.opacity ?? 1;
    let area = "";
    if (trace.fill === "tonexty" && previous) area = areaPath(at, previous);
    else if (trace.fill === "tozeroy") area = areaPath(at, groundUnder(at, up));
    if (area) paths.push({ d: area, fill: trace.fillcolor, stroke: "none", opacity });
    if (mode.includes("lines") && line.width !== 0) {
      const { dash: given = "" } = line;
      const dash = DASHES[given] ?? (given.includes("px") ? given : null);
      const style = { fill: "none", stroke: line.color, "stroke-width": line.width ?? 2, "stroke-dasharray": dash };
      paths.push({ d: linePath(at, trace), ...style, "stroke-linejoin": "round", opacity });
    }
    if (mode.includes("markers")) {
      paths.push(markersPath(at, trace));
    }
    return paths;
  }

  /**
   * One group per subplot, the first child of its scatter layer; its paths are reused. While nothing is drawn there,
   * as where theory is hidden before the run, Plotly has no such layer.
   * @param {FullLayout} layout
   * @param {string} subplot
   * @param {Path[]} list
   */
  #fill(layout, subplot, list) {
    let group = this.layers.get(subplot);
    const plot = layout._plots?.[subplot]?.plot?.node();
    const layer = plot?.querySelector(".scatterlayer") ?? plot;
    if (!layer) return;
    if (!group) {
      group = document.createElementNS(SVG, "g");
      this.layers.set(subplot, group);
    }
    if (group.parentNode !== layer || layer.firstChild !== group) layer.prepend(group);
    while (group.childNodes.length < list.length) group.append(document.createElementNS(SVG, "path"));
    [...group.children].forEach((node, i) => {
      const attributes = list[i] ?? { d: "" };
      for (const [name, value] of Object.entries(attributes)) {
        if (value === null || value === undefined) node.removeAttribute(name);
        else node.setAttribute(name, String(value));
      }
    });
  }

  /** @param {Spec} panel */
  #hideOwn(panel) {
    if (this.hidden.length) return;
    for (const binding of panel.traces) {
      const { uid } = this.figure._fullData[binding.trace] ?? {};
      if (!uid || !strokable(this.figure.data[binding.trace], binding)) continue;
      /** @type {HTMLElement | null} */
      const node = this.figure.querySelector(`.scatterlayer .trace${uid}`);
      if (!node) continue;
      node.style.display = "none";
      this.hidden.push(node);
    }
  }

  /** Leaves the drawing to Plotly again. */
  clear() {
    for (const group of this.layers.values()) group.replaceChildren();
    for (const node of this.hidden.splice(0)) node.style.display = "";
  }
}

/**
 * @param {Places} at
 * @param {FullAxis} up
 * @returns {Places}
 */
function groundUnder(at, up) {
  const zero = up.type === "log" ? up._length : up.d2p(0);
  const ground = Number.isFinite(zero) ? zero : up._length;
  return at.map((point) => point && [point[0], ground]);
}
