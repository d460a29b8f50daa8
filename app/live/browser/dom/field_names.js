// Names of the fields around the live part, in words: Streamlit reads their labels' markup aloud.

const MARKED = "[aria-label*='$'], [aria-label*=':gray[']";

/** @type {Record<string, string>} */
const SIGNS = { ge: "at least", le: "at most", prime: "prime", cdot: "times", infty: "infinity" };

/**
 * TeX of a short symbol in words: "\\lambda_W" is "lambda W".
 * @param {string} tex
 */
function inWords(tex) {
  return tex
    .replace(/\\(?:mathrm|mathit|mathbf|text|operatorname)\{([^}]*)\}/g, " $1 ")
    .replace(/\\([A-Za-z]+)/g, (_, name) => ` ${SIGNS[name] ?? name} `)
    .replace(/\\./g, " ")
    .replace(/'/g, " prime ")
    .replace(/[_^{}|]/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/**
 * A label in words: "Initial scale $\\alpha$ :gray[weight]" is "Initial scale, alpha, weight".
 * @param {string} label
 */
export function spoken(label) {
  return label
    .replace(/\s*\$([^$]*)\$/g, (_, tex) => `, ${inWords(tex)}`)
    .replace(/\s*:\w+\[([^\]]*)\]/g, ", $1");
}

/** Keeps every field's name in words, as fields come and go. */
export class FieldNames {
  constructor() {
    /** @type {number | null} */
    this.due = null;
    this.watcher = new MutationObserver(() => {
      this.due ??= requestAnimationFrame(() => this.#rename());
    });
    this.watcher.observe(document.body, { childList: true, subtree: true, attributeFilter: ["aria-label"] });
    this.#rename();
  }

  #rename() {
    this.due = null;
    for (const node of document.querySelectorAll(MARKED)) {
      const label = node.getAttribute("aria-label") ?? "";
      const name = spoken(label);
      if (name !== label) node.setAttribute("aria-label", name);
    }
  }

  leave() {
    if (this.due !== null) cancelAnimationFrame(this.due);
    this.watcher.disconnect();
  }
}
