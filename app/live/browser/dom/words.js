// Text and DOM: numbers as the page writes them, elements, and the little HTML the server may send.

const THIN_SPACE = "\u2009";
const TRUE_MINUS = "\u2212";
const MOST_PARSED = 500;

const ALLOWED_TAGS = new Set(["SPAN", "SUB", "SUP", "I", "EM", "B", "STRONG", "CODE", "A", "BR"]);
const ALLOWED_STYLE = /^[\w\s:;,.#%"'()-]*$/;

/**
 * Attributes by name; "onclick" and the like are listeners.
 * @typedef {Record<string, string | number | boolean | URL | null | undefined | ((event: any) => void)>} Attributes
 */

/** @typedef {Node | string | null | undefined} Child */

/**
 * An element; attributes that are null or false are left out, children may be strings or nodes.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/**
 * Replaces the text of a live region or label only when it changes.
 * @param {Element} node
 * @param {string} text
 */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** @type {WeakMap<Element, string>} */
const filled = new WeakMap();

/**
 * Fills a node with new children only when what it shows has changed; whether it has.
 * @param {Element} node
 * @param {unknown} shown plain data
 * @param {() => (Node | string)[]} children
 */
export function fill(node, shown, children) {
  const key = JSON.stringify(shown);
  if (filled.get(node) === key) return false;
  filled.set(node, key);
  node.replaceChildren(...children());
  return true;
}

/**
 * @param {ParentNode & Node} source
 * @param {ParentNode} target
 */
function cleaned(source, target) {
  for (const child of source.childNodes) {
    if (child instanceof Text) {
      target.append(child.data);
    } else if (child instanceof Element && ALLOWED_TAGS.has(child.tagName)) {
      const copy = document.createElement(child.tagName);
      const style = child.getAttribute("style");
      if (style && ALLOWED_STYLE.test(style) && !/url|expression|position/i.test(style)) {
        copy.setAttribute("style", style);
      }
      const href = child.getAttribute("href") ?? "";
      if (copy instanceof HTMLAnchorElement && /^(https?:|#)/.test(href)) {
        copy.href = href;
        copy.rel = "noopener";
        if (copy.origin !== location.origin) copy.target = "_blank";
      }
      cleaned(child, copy);
      target.append(copy);
    } else if (child instanceof Element && !/^(SCRIPT|STYLE)$/.test(child.tagName)) {
      cleaned(child, target);
    }
  }
}

/** @type {Map<string, DocumentFragment>} */
const parsed = new Map();

/**
 * A fragment from the server's HTML, reduced to inline markup.
 * @param {string | null | undefined} html
 */
export function rich(html) {
  if (!html) return document.createDocumentFragment();
  let fragment = parsed.get(html);
  if (!fragment) {
    if (parsed.size >= MOST_PARSED) parsed.clear();
    const template = document.createElement("template");
    template.innerHTML = html;
    fragment = document.createDocumentFragment();
    cleaned(template.content, fragment);
    parsed.set(html, fragment);
  }
  return fragment.cloneNode(true);
}

/**
 * The text of the server's HTML, for labels and files.
 * @param {string | null | undefined} html
 */
export function plain(html) {
  return rich(html).textContent ?? "";
}

/**
 * An integer with thin spaces for thousands: 6 743.
 * @param {number} value
 */
export function whole(value) {
  const digits = String(Math.abs(Math.round(value)));
  const grouped = digits.replace(/\B(?=(\d{3})+$)/g, THIN_SPACE);
  return (value < 0 ? TRUE_MINUS : "") + grouped;
}

/**
 * Decimals that give a clock running up to `end` four significant digits.
 * @param {number} end
 */
export function decimalsFor(end) {
  if (!(end > 0)) return 0;
  return Math.min(6, Math.max(0, 3 - Math.floor(Math.log10(end))));
}

/**
 * A number with fixed decimals, thin spaces and a true minus.
 * @param {number} value
 * @param {number} decimals
 */
export function fixed(value, decimals) {
  if (!Number.isFinite(value)) return "";
  const [integer, fraction] = Math.abs(value).toFixed(decimals).split(".");
  const grouped = integer.replace(/\B(?=(\d{3})+$)/g, THIN_SPACE);
  return (value < 0 ? TRUE_MINUS : "") + grouped + (fraction ? `.${fraction}` : "");
}

/** @type {Record<string, string>} */
const SUPERSCRIPTS = { "-": "\u207b", 0: "\u2070", 1: "\u00b9", 2: "\u00b2", 3: "\u00b3" };

/**
 * A number for a data table: five significant digits, powers of ten written out.
 * @param {number | null | undefined} value
 */
export function significant(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  if (!Number.isFinite(value)) return value > 0 ? "\u221e" : `${TRUE_MINUS}\u221e`;
  if (value === 0) return "0";
  const power = Math.floor(Math.log10(Math.abs(value)));
  if (power >= -4 && power < 7) {
    return fixed(value, Number.isInteger(value) ? 0 : Math.max(0, 4 - power));
  }
  return powered(value, power, 3);
}

/**
 * A number with its power of ten written out.
 * @param {number} value
 * @param {number} power
 * @param {number} decimals
 */
function powered(value, power, decimals) {
  const exponent = [...String(power)]
    .map((digit) => SUPERSCRIPTS[digit] ?? String.fromCodePoint(0x2070 + Number(digit)))
    .join("");
  return `${fixed(value / 10 ** power, decimals)} \u00d7 10${exponent}`;
}

const LARGEST = 1e38;

/**
 * A number in three significant digits; what is beyond all that is sent as one is infinite.
 * @param {number} value
 */
export function brief(value) {
  if (Math.abs(value) > LARGEST) return significant(Math.sign(value) * Infinity);
  const short = Number(value.toPrecision(3));
  if (!short) return significant(short);
  const power = Math.floor(Math.log10(Math.abs(short)));
  return power >= -4 && power < 5 ? String(short).replace("-", TRUE_MINUS) : powered(short, power, 2);
}

/**
 * "one seed", "8 seeds".
 * @param {number} n
 * @param {string} noun
 */
export function counted(n, noun) {
  return n === 1 ? `one ${noun}` : `${whole(n)} ${noun}s`;
}
