// The fields and sliders of the sidebar, heard as a reader moves them, before Streamlit's turn.

const KEY = /(?:^|\s)st-key-(\S+)/;
const SLIDER = "_slider";
// A list to choose from is typed into as well, and takes Enter for a choice of its own.
const FIELD = "input[type=number], input[type=text]:not([role=combobox])";
const THUMB = "input[type=range]";
const RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹";
const LOWERED = "-0123456789";

/**
 * A value as a slider says it, as somebody would type it: "3 × 10⁻⁵" is "3e-5".
 * @param {string} said
 */
export function typed(said) {
  const raised = new RegExp(`^(?:(.+) × )?10([${RAISED}]+)$`, "u").exec(said.trim());
  if (!raised) return said.trim();
  const exponent = [...raised[2]].map((sign) => LOWERED[RAISED.indexOf(sign)]).join("");
  return `${raised[1] ?? "1"}e${exponent}`;
}

/**
 * The name of the knob that a field belongs to; Streamlit writes the key of a widget into a class.
 * @param {Element} node
 */
function nameOf(node) {
  const holder = node.closest('[data-testid=stSidebar] [class*="st-key-"]');
  return KEY.exec(holder?.className ?? "")?.[1] ?? "";
}

/** @typedef {(knob: string, value: string, then?: () => void) => boolean} Moved */

/**
 * Calls `moved` with name and value. An Enter that the server has heard of reaches Streamlit once its
 * picture is drawn: the page is busy with Streamlit's turn for longer than a picture takes. The buttons
 * of a field are left to Streamlit: what they make of a number is written into the field rounded.
 */
export class Knobs {
  /** @param {Moved} moved */
  constructor(moved) {
    this.moved = moved;
    /** The field whose Enter Streamlit has not had: @type {HTMLInputElement | null} */
    this.held = null;
    /** What each field said last: @type {Map<string, string>} */
    this.said = new Map();
    this.stop = new AbortController();
    const options = { capture: true, passive: true, signal: this.stop.signal };
    document.addEventListener("focusin", ({ target }) => this.#remember(target), options);
    document.addEventListener("keydown", (event) => this.#pressed(event), { ...options, passive: false });
    document.addEventListener("focusout", (event) => this.#left(event), options);
    document.addEventListener("pointerdown", (event) => this.#grasped(event), options);
    document.addEventListener("pointerup", () => setTimeout(() => this.dragged.disconnect()), options);
    /** The slider under the hand. */
    this.thumb = /** @type {Element | null} */ (null);
    this.dragged = new MutationObserver(() => this.#slid());
  }

  /** @param {EventTarget | null} target */
  #remember(target) {
    if (target instanceof HTMLInputElement && target.matches(FIELD)) this.said.set(nameOf(target), target.value);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const { key, target } = event;
    if (!(target instanceof HTMLInputElement) || event.isComposing) return;
    if (target.matches(THUMB)) {
      this.thumb = target;
      setTimeout(() => this.#slid());
    } else if (key === "Enter" && event.isTrusted && this.#committed(target, () => this.#release())) {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.held = target;
    }
  }

  /** Streamlit has its Enter. */
  #release() {
    const { held } = this;
    this.held = null;
    held?.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", code: "Enter", bubbles: true, cancelable: true }));
  }

  /**
   * What a field says counts from here on; whether the server hears of it.
   * @param {EventTarget | null} target
   * @param {() => void} [then]
   */
  #committed(target, then) {
    if (!(target instanceof HTMLInputElement) || !target.matches(FIELD)) return false;
    const name = nameOf(target);
    return target.value !== this.said.get(name) && this.#tell(name, target.value, then);
  }

  /** @param {FocusEvent} event */
  #left({ target }) {
    if (target === this.held) this.held = null; // Streamlit takes what it says
    this.#committed(target);
  }

  /** @param {Event} event */
  #grasped({ target }) {
    this.dragged.disconnect();
    const slider = target instanceof Element ? target.closest('[class*="st-key-"]') : null;
    this.thumb = slider?.querySelector(THUMB) ?? null;
    if (slider && this.thumb) this.dragged.observe(slider, { subtree: true, attributeFilter: ["aria-valuetext"] });
  }

  #slid() {
    const said = this.thumb?.getAttribute("aria-valuetext");
    const key = this.thumb ? nameOf(this.thumb) : "";
    if (!said || !key.endsWith(SLIDER)) return;
    const [name, value] = [key.slice(0, -SLIDER.length), typed(said)];
    if (this.said.get(key) === value) return;
    this.said.set(key, value);
    this.#tell(name, value);
  }

  /**
   * @param {string} name
   * @param {string} value
   * @param {() => void} [then]
   */
  #tell(name, value, then) {
    this.said.set(name, value);
    return name !== "" && value.trim() !== "" && this.moved(name, value.trim(), then);
  }

  leave() {
    this.stop.abort();
    this.dragged.disconnect();
  }
}
