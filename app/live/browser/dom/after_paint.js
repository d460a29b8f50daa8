// What may wait until the reader has seen what is drawn.

/**
 * Does something once what is drawn now has been seen; returns what calls it off.
 * @param {() => void} work
 */
export function afterPaint(work, pause = 0) {
  /** @type {number | undefined} */
  let timer;
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(work, pause);
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
