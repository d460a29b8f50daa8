// Colour roles: figures name them, the palette of the present mode fills them in.

/** @import { Palette } from "../session/page.js" */
/** @import { Mode } from "./types.js" */

const ROLE = /role:([A-Za-z]\w*)(?:\/([\d.]+|band))?/g;
const BAND_ALPHA = { light: 0.2, dark: 0.32 };

/**
 * Red, green and blue from 0 to 255; white where a colour is not understood.
 * @param {string} colour
 */
function channels(colour) {
  const hex = /^#([0-9a-f]{6})/i.exec(colour.trim());
  if (hex) return [0, 2, 4].map((at) => parseInt(hex[1].slice(at, at + 2), 16));
  const numbers = colour.match(/[\d.]+/g);
  return numbers && numbers.length >= 3 ? numbers.slice(0, 3).map(Number) : [255, 255, 255];
}

/** @param {string} colour */
function luminance(colour) {
  const [red, green, blue] = channels(colour).map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * By the background Streamlit gives the component.
 * @param {Element} host
 * @returns {Mode}
 */
export function modeOf(host) {
  const background = getComputedStyle(host).getPropertyValue("--st-background-color");
  return background && luminance(background) < 0.18 ? "dark" : "light";
}

/**
 * The CSS colour of `role:name` or `role:name/alpha`; text around it is kept.
 * @param {string} text
 * @param {Palette} palette
 * @param {Mode} mode
 */
function coloured(text, palette, mode) {
  return text.replace(ROLE, (/** @type {string} */ whole, /** @type {string} */ name, /** @type {string} */ alpha) => {
    const found = palette[name];
    if (!found) return whole;
    if (!alpha) return found;
    const opacity = alpha === "band" ? BAND_ALPHA[mode] : alpha;
    return `rgba(${channels(found).join(",")},${opacity})`;
  });
}

/**
 * A deep copy of figure JSON with every role resolved; arrays of numbers are shared, not copied.
 * @template T
 * @param {T} value
 * @param {Palette} palette
 * @param {Mode} mode
 * @returns {T}
 */
export function resolved(value, palette, mode) {
  return /** @type {T} */ (copied(value, palette, mode));
}

/**
 * @param {unknown} value
 * @param {Palette} palette
 * @param {Mode} mode
 * @returns {unknown}
 */
function copied(value, palette, mode) {
  if (typeof value === "string") {
    return value.includes("role:") ? coloured(value, palette, mode) : value;
  }
  if (Array.isArray(value)) {
    if (typeof value[0] === "number" && typeof value[1] !== "string") return value;
    return value.map((entry) => copied(entry, palette, mode));
  }
  if (value && typeof value === "object" && !ArrayBuffer.isView(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, copied(entry, palette, mode)]),
    );
  }
  return value;
}

/**
 * Writes the palette as CSS variables: --ink, --lands-tint, --series0 ...
 * @param {HTMLElement} root
 * @param {Palette} palette
 * @param {Mode} mode
 */
export function dress(root, palette, mode) {
  for (const [name, colour] of Object.entries(palette)) {
    const variable = `--${name.replaceAll("_", "-")}`;
    // All that is on the page would be styled anew, also by the same colour.
    if (root.style.getPropertyValue(variable) !== colour) root.style.setProperty(variable, colour);
  }
  root.dataset.mode = mode;
}
