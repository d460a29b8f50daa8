// Who is who in a room: students have a number and a colour, and no name.

import { element, whole } from "../dom/words.js";

/**
 * @param {number} n
 */
export function ordinal(n) {
  const ending = n % 100 >= 11 && n % 100 <= 13 ? "th" : (["th", "st", "nd", "rd"][n % 10] ?? "th");
  return `${whole(n)}${ending}`;
}

/**
 * The colour of a number.
 * @param {number} number
 * @param {string[]} colours that numbers go through
 */
export function colourOf(number, colours) {
  return colours[(number - 1) % colours.length] ?? "var(--accent)";
}

/**
 * A number on its colour.
 * @param {number} number
 * @param {string} colour
 */
export function chip(number, colour) {
  return element("b", { class: "chip", style: `background:${colour}` }, String(number));
}

/**
 * "one student", "23 students".
 * @param {number} n
 * @param {string} noun
 */
export function many(n, noun) {
  return `${whole(n)} ${noun}${n === 1 ? "" : noun.endsWith("s") ? "es" : "s"}`;
}
