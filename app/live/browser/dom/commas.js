// Commas in fields for a number: browsers drop them without a word, and 0,001 becomes 1.

const SAID_MS = 6000;
const POINT = "A comma is read as the decimal point.";
const UNSURE = "Write a number with a decimal point, and with nothing between its thousands.";
const WHOLE = "This takes a whole number, with nothing between its thousands.";
const WITH_COMMA = /^[+-]?\d*,\d*(e[+-]?\d+)?$/i;
const MAYBE_THOUSANDS = /^[+-]?[1-9]\d{0,2},\d{3}$/;

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
 * Streamlit cuts a fraction off where it takes whole numbers alone, and knows no larger one than this.
 * @param {HTMLInputElement} field
 */
function isWhole(field) {
  return Number(field.max) === Number.MAX_SAFE_INTEGER;
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
  const field = event.target;
  if (!(field instanceof HTMLInputElement) || field.type !== "number") return;
  const text = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
  const whole = isWhole(field);
  if (!text.includes(",") && !(whole && text.includes("."))) return;
  event.preventDefault();
  const number = whole ? null : withPoint(text, field.value);
  if (whole) say(field, WHOLE);
  else say(field, number === null ? UNSURE : POINT);
  // What is typed next comes after this.
  if (number !== null) queueMicrotask(() => document.execCommand("insertText", false, number));
}

/** Reads commas from now on, in all fields of the page; once is enough. */
export function readCommas() {
  document.addEventListener("beforeinput", read, { capture: true });
}
