// Commas and points in fields for a number: browsers drop what does not fit without a word, and 0,001 becomes 1.

const SAID_MS = 6000;
const POINT = "A comma is read as the decimal point.";
const UNSURE = "Write a number with a decimal point, and with nothing between its thousands.";
const WHOLE = "This takes a whole number, with nothing between its thousands.";
const WITH_COMMA = /^[+-]?\d*,\d*(e[+-]?\d+)?$/i;
const MAYBE_THOUSANDS = /^[+-]?[1-9]\d{0,2}[,.]\d{3}$/;
/** Keys that tell nothing of what is done with what is there: those of a phone, and the way to the next field. */
const TELL_NOTHING = ["Tab", "Shift", "Unidentified", "Process"];

/**
 * What a reader is in the middle of in a field.
 * @typedef {object} Writing
 * @property {string} before what it held at first, and holds again if what is written cannot be taken
 * @property {boolean} comma its point was typed as a comma
 * @property {string} doubt what was said of the two meanings of what stands there
 * @property {string} refused why the last character was not taken; what follows belongs to it, and is not either
 */

/** @type {WeakMap<HTMLInputElement, Writing>} */
const writings = new WeakMap();

/**
 * What a text with a comma stands for in a field that holds another already: null, if that is not sure.
 * @param {string} text
 * @param {string} held
 * @returns {string | null}
 */
export function withPoint(text, held) {
  const trimmed = text.trim();
  if (trimmed === ",") return held.includes(".") ? null : ".";
  if (!WITH_COMMA.test(trimmed) || MAYBE_THOUSANDS.test(trimmed)) return null;
  return trimmed.replace(",", ".");
}

/**
 * Why a number that was written with a comma is not taken: it may part the thousands. Empty if it cannot.
 * @param {string} text with the comma, or with the point it became
 */
export function twoMeanings(text) {
  const trimmed = text.trim();
  if (!MAYBE_THOUSANDS.test(trimmed)) return "";
  const [comma, point, none] = [",", ".", ""].map((mark) => trimmed.replace(/[,.]/, mark));
  return `${comma} could mean ${point} or ${none}: write one of these.`;
}

/**
 * Streamlit cuts a fraction off where it takes whole numbers alone, and knows no larger one than this.
 * @param {HTMLInputElement} field
 */
function isWhole(field) {
  return Number(field.max) === Number.MAX_SAFE_INTEGER;
}

/**
 * The field for a number that something happens to, if it is one.
 * @param {Event} event
 */
function numberField({ target }) {
  return target instanceof HTMLInputElement && target.type === "number" ? target : null;
}

/** @param {HTMLInputElement} field */
function writingIn(field) {
  const known = writings.get(field) ?? { before: field.value, comma: false, doubt: "", refused: "" };
  writings.set(field, known);
  return known;
}

/**
 * Why what stands in a field is not to be taken; empty if it may be.
 * @param {HTMLInputElement} field
 */
function objection(field) {
  const { comma, refused } = writingIn(field);
  return refused || (comma ? twoMeanings(field.value) : "");
}

/**
 * Says a sentence at a field, for a while.
 * @param {HTMLInputElement} field
 * @param {string} sentence
 */
function say(field, sentence) {
  const clear = () => {
    if (field.validationMessage === sentence) field.setCustomValidity("");
  };
  field.setCustomValidity(sentence);
  field.reportValidity();
  field.addEventListener("blur", clear, { once: true });
  setTimeout(clear, SAID_MS);
}

/** @param {InputEvent} event */
function read(event) {
  const field = numberField(event);
  if (!field) return;
  const writing = writingIn(field);
  const text = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
  const typed = event.inputType === "insertText" && text.length === 1;
  if (text === ".") writing.comma = false;
  const whole = isWhole(field);
  if (typed && writing.refused) {
    event.preventDefault();
    say(field, writing.refused);
    return;
  }
  if (!text.includes(",") && !(whole && text.includes("."))) return;
  event.preventDefault();
  const number = whole ? null : withPoint(text, field.value);
  if (number !== null) {
    say(field, POINT);
    writing.comma = true;
    // What is typed next comes after this.
    queueMicrotask(() => document.execCommand("insertText", false, number));
    return;
  }
  const why = whole ? WHOLE : twoMeanings(text) || UNSURE;
  if (typed) writing.refused = why;
  say(field, why);
}

/** @param {Event} event */
function written(event) {
  const field = numberField(event);
  if (!field) return;
  const writing = writingIn(field);
  if (field.value === "" && !field.validity.badInput) writing.comma = false;
  const why = writing.comma ? twoMeanings(field.value) : "";
  if (why) say(field, why);
  else if (field.validationMessage === writing.doubt) field.setCustomValidity("");
  writing.doubt = why;
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const field = numberField(event);
  if (!field) return;
  const writing = writingIn(field);
  if (event.key === "Enter") {
    const why = objection(field);
    if (why) {
      event.preventDefault();
      event.stopImmediatePropagation();
      say(field, why);
    } else {
      writing.before = field.value;
      writing.comma = false;
    }
    writing.refused = "";
  } else if (event.key.length > 1 ? !TELL_NOTHING.includes(event.key) : event.ctrlKey || event.metaKey) {
    writing.refused = "";
  }
}

/** @param {Event} event */
function pointed(event) {
  const field = numberField(event);
  if (field) writingIn(field).refused = "";
}

/**
 * A field that is left with what cannot be taken holds again what it held.
 * @param {FocusEvent} event
 */
function left(event) {
  const field = numberField(event);
  if (!field) return;
  const { before } = writingIn(field);
  if (objection(field)) {
    // Streamlit's framework looks for a change behind the property's own setter.
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(field, before);
    writings.delete(field);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  writings.delete(field);
}

/** Reads commas from now on, in all fields of the page; once is enough. */
export function readCommas() {
  const ahead = { capture: true };
  document.addEventListener("beforeinput", read, ahead);
  document.addEventListener("input", written, ahead);
  document.addEventListener("keydown", pressed, ahead);
  document.addEventListener("pointerdown", pointed, ahead);
  document.addEventListener("focusout", left, ahead);
}
