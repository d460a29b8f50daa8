// The axes of a panel as they are drawn: where they lie, and from data to pixels and back.

import { axisOf } from "./strokes.js";

/** @import { Panel } from "./panel.js" */

/**
 * The axes as they are drawn: where they lie, and from data to pixels and back.
 * @param {Panel} panel
 */
export function axesOf({ figure, factor }) {
  const layout = figure._fullLayout;
  if (!layout?.xaxis) return null;
  const [x, y] = [axisOf(layout, "x"), axisOf(layout, "y")];
  return {
    left: x._offset, top: y._offset, width: x._length, height: y._length,
    across: (/** @type {number} */ time) => x.d2p(time * factor),
    down: (/** @type {number} */ height) => y.d2p(height),
    time: (/** @type {number} */ across) => x.p2d(across) / factor,
    level: (/** @type {number} */ down) => y.p2d(down),
  };
}

/** @typedef {NonNullable<ReturnType<typeof axesOf>>} Axes */
