// How Streamlit mounts a part: it calls at every rerun, and the part outlives them.

/** @import { Given } from "./session/page.js" */

/**
 * What Streamlit gives at every mount and rerun.
 * @typedef {object} Component
 * @property {ShadowRoot} parentElement
 * @property {Given} [data]
 * @property {(name: string, value: unknown) => void} setStateValue
 * @property {(name: string, value: unknown) => void} setTriggerValue
 */

/**
 * What is mounted: `receive` is called at every mount and rerun, `leaveIfGone` once it may be gone.
 * @typedef {{ receive(component: Component): void, leaveIfGone: () => void }} Part
 */

/**
 * The function that Streamlit calls; the drawing stays from one call to the next, only the data are new.
 * @param {new (component: Component, left: () => void) => Part} Made is told how to say that it has left
 */
export function mounting(Made) {
  /** @type {WeakMap<ShadowRoot, Part>} */
  const instances = new WeakMap();
  return async (/** @type {Component} */ component) => {
    const shadow = component.parentElement;
    const part = instances.get(shadow) ?? new Made(component, () => instances.delete(shadow));
    instances.set(shadow, part);
    part.receive(component);
    const { leaveIfGone } = part;
    return () => setTimeout(leaveIfGone, 0);
  };
}
