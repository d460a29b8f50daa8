// The numbers behind a figure, as a table: for readers who cannot see it, or want the digits.

import { element, plain, significant } from "../dom/words.js";

/** @import { Drawing, LayoutAxis, Trace, Values } from "./plotly.js" */
/** @import { Spec } from "./types.js" */

/**
 * A trace that is a curve.
 * @typedef {Trace & { x: Values, y: Values }} Curve
 */

/**
 * A part of a broken line: where it begins and ends along x, and how high it reaches.
 * @typedef {{ from: number, to: number, top: number }} Piece
 */

const MOST_ROWS = 41;
const MOST_COLUMNS = 24;

/**
 * Places among `length`, at most `most` of them, as far from each other as can be.
 * @param {number} length
 * @param {number} most
 */
function evenly(length, most) {
  if (length <= most) return Array.from({ length }, (_, i) => i);
  return Array.from({ length: most }, (_, i) => Math.round((i * (length - 1)) / (most - 1)));
}

/**
 * The height of a curve over x, along a straight line between two places.
 * @param {Curve} trace
 * @param {number} x
 */
function valueAt(trace, x) {
  const { x: along, y } = trace;
  let before = -1;
  for (let i = 0; i < along.length; i += 1) {
    if (along[i] === x) return y[i];
    if (along[i] < x) before = i;
    else break;
  }
  if (before < 0 || before + 1 >= along.length) return NaN;
  const part = (x - along[before]) / (along[before + 1] - along[before]);
  return y[before] + part * (y[before + 1] - y[before]);
}

/**
 * @param {string} caption
 * @param {Curve[]} curves
 * @param {string} head
 */
function curvesTable(caption, curves, head) {
  const longest = curves.reduce((best, trace) => (trace.x.length > best.x.length ? trace : best));
  const rows = evenly(longest.x.length, MOST_ROWS).map((i) => {
    const x = longest.x[i];
    const cells = curves.map((trace) => element("td", {}, significant(valueAt(trace, x))));
    return element("tr", {}, element("th", { scope: "row" }, significant(x)), ...cells);
  });
  return filled(caption, [head, ...curves.map(nameOf)], rows);
}

/** @param {Trace} trace */
function nameOf(trace) {
  return plain(trace.name);
}

/** @param {Curve} curve */
function piecesOf({ x, y }) {
  /** @type {Piece[]} */
  const pieces = [];
  /** @type {Piece | null} */
  let open = null;
  for (let i = 0; i < x.length; i += 1) {
    if (!Number.isFinite(x[i]) || !Number.isFinite(y[i])) open = null;
    else if (open) {
      open.to = x[i];
      open.top = Math.max(open.top, y[i]);
    } else {
      open = { from: x[i], to: x[i], top: y[i] };
      pieces.push(open);
    }
  }
  return pieces;
}

/**
 * @param {string} caption
 * @param {Curve[]} curves
 * @param {LayoutAxis} axis
 * @param {string} word what the height is
 */
function piecesTable(caption, curves, { tickvals, ticktext }, word) {
  /** @param {number} x */
  const named = (x) => ticktext?.[Array.from(tickvals ?? []).indexOf(x)] ?? significant(x);
  const columns = curves.map(piecesOf);
  /** @param {Piece | undefined} piece */
  const cellsOf = (piece) => (piece ? [named(piece.from), named(piece.to), significant(piece.top)] : ["", "", ""]);
  const rows = Array.from({ length: Math.max(...columns.map((pieces) => pieces.length)) }, (_, i) => {
    const cells = columns.flatMap((pieces) => cellsOf(pieces[i])).map((text) => element("td", {}, text));
    return element("tr", {}, element("th", { scope: "row" }, String(i + 1)), ...cells);
  });
  const heads = curves.flatMap((trace) => ["from", "to", word].map((part) => `${nameOf(trace)}, ${part}`));
  return filled(caption, ["", ...heads], rows);
}

/**
 * @param {string} caption
 * @param {Trace} trace
 * @param {ArrayLike<Values>} z
 */
function mapTable(caption, trace, z) {
  const columns = evenly(z[0]?.length ?? 0, MOST_COLUMNS);
  const rows = evenly(z.length, MOST_ROWS).map((i) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, String(trace.y?.[i] ?? i + 1)),
      ...columns.map((j) => element("td", {}, significant(z[i][j]))),
    ),
  );
  return filled(caption, ["", ...columns.map((j) => String(trace.x?.[j] ?? j + 1))], rows);
}

/**
 * @param {string} caption
 * @param {string[]} heads
 * @param {Node[]} rows
 */
function filled(caption, heads, rows) {
  return element(
    "table",
    {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, ...rows),
  );
}

/** @param {LayoutAxis} [axis] */
function titleOf({ title } = {}) {
  return plain(typeof title === "string" ? title : title?.text);
}

/**
 * A table of what a drawn figure shows now: named curves at common places, broken ones piece by piece, or a map's entries.
 * @param {Spec} panel
 * @param {Drawing} drawing
 */
export function dataTable(panel, drawing) {
  const title = plain(panel.title);
  const traces = (drawing.data ?? []).filter((trace) => trace.name && trace.visible !== false);
  const map = traces.find((trace) => trace.z?.length);
  if (map?.z) return mapTable(`${title}: ${nameOf(map)}`, map, map.z);
  const curves = /** @type {Curve[]} */ (traces.filter((trace) => trace.x?.length && trace.y?.length));
  if (!curves.length) return element("p", {}, "No numbers yet: they appear with the run.");
  const { xaxis = {}, yaxis } = drawing.layout;
  if (panel.pieces) {
    const lines = curves.filter(({ mode }) => mode !== "text");
    return piecesTable(title, lines, xaxis, titleOf(yaxis) || "height");
  }
  const caption = `${title}; between two records a straight line; every record is in the CSV file`;
  return curvesTable(caption, curves, titleOf(xaxis));
}
