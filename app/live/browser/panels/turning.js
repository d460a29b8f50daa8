// A solid picture without WebGL: points (x, y, depth) as seen from somewhere else, and the hand that turns them.

/** @import { Values } from "./plotly.js" */
/** @import { Side } from "./types.js" */

const PER_PIXEL = 0.011;
const PER_KEY = 0.12;
const STEEPEST = 1.45;
/** @type {Record<string, [number, number]>} */
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * The view a panel begins with: as it was drawn.
 * @returns {Side}
 */
export function frontView() {
  return { azimuth: 0, height: 0 };
}

/**
 * Points turned about the upright, then towards the reader, as they stand on the screen.
 * @param {{ x: Values, y: Values, depth: Values }} points
 * @param {Side} side
 */
export function turned({ x, y, depth }, { azimuth, height }) {
  const [c, s] = [Math.cos(azimuth), Math.sin(azimuth)];
  const [ch, sh] = [Math.cos(height), Math.sin(height)];
  const across = new Float64Array(x.length);
  const up = new Float64Array(x.length);
  for (let i = 0; i < x.length; i += 1) {
    across[i] = c * x[i] + s * depth[i];
    up[i] = ch * y[i] - sh * (c * depth[i] - s * x[i]);
  }
  return { x: across, y: up };
}

/**
 * Lets a drag, or the arrow keys, turn a view; `changed` is called at most once a frame.
 * @param {HTMLElement} node
 * @param {Side} view
 * @param {() => void} changed
 */
export function turnable(node, view, changed) {
  /** @type {number | null} */
  let frame = null;
  /**
   * @param {number} azimuth
   * @param {number} height
   */
  const turn = (azimuth, height) => {
    view.azimuth += azimuth;
    view.height = Math.min(STEEPEST, Math.max(-STEEPEST, view.height + height));
    frame ??= requestAnimationFrame(() => {
      frame = null;
      changed();
    });
  };
  node.tabIndex = 0;
  node.classList.add("turns");
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    node.setPointerCapture(event.pointerId);
  });
  node.addEventListener("pointermove", (event) => {
    if (!node.hasPointerCapture(event.pointerId)) return;
    turn(PER_PIXEL * event.movementX, PER_PIXEL * event.movementY);
  });
  node.addEventListener("keydown", (event) => {
    const way = KEYS[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    turn(PER_KEY * way[0], PER_KEY * way[1]);
  });
  node.addEventListener("dblclick", () => {
    Object.assign(view, frontView());
    changed();
  });
}
