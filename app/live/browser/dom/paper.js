// A page on paper: one sheet with the pictures as they are now, the claims, and how to make the run again.

import { element, fill } from "./words.js";

/** @import { Keep } from "../session/page.js" */

/** What one sheet of A4 leaves to the live part, in CSS pixels, inside its margins and below the question. */
const SHEETS = { portrait: { width: 718, height: 850 }, landscape: { width: 1040, height: 550 } };
const LARGEST = 0.8;
const SMALLEST = 0.25;
const STEP = 0.02;

/**
 * The largest scale at which what is laid out that wide fits the sheet.
 * @param {{ width: number, height: number }} sheet
 * @param {(width: number) => number} heightAt of what is laid out at a width
 */
export function scaleFor({ width, height }, heightAt) {
  let scale = LARGEST;
  while (scale > SMALLEST && heightAt(width / scale) * scale > height) scale -= STEP;
  return Math.max(scale, SMALLEST);
}

/** Lays the sheet out for printing, whichever way the paper lies, and takes that back afterwards. */
export class Paper {
  /**
   * @param {HTMLElement} sheet
   * @param {{ keep: () => Keep, before: () => void, laidOut: () => void, after: () => void }} page
   */
  constructor(sheet, { keep, before, laidOut, after }) {
    this.sheet = sheet;
    this.keep = keep;
    this.note = element("footer", { class: "printed" });
    sheet.append(this.note);
    this.stop = new AbortController();
    const { signal } = this.stop;
    addEventListener("beforeprint", () => {
      sheet.classList.add("printing");
      before();
      this.#say();
      this.#fit();
      laidOut();
    }, { signal });
    addEventListener("afterprint", () => {
      sheet.classList.remove("printing");
      sheet.style.width = "";
      after();
    }, { signal });
  }

  /** How to make the same run: the command, and the link with every setting. */
  #say() {
    const { permalink = "", command = "" } = this.keep();
    const link = new URL(permalink || location.href, location.href).href;
    const leads = !link.startsWith("file:"); // to others too
    fill(this.note, [command, link], () => [
      element("p", {}, element("strong", {}, "Settings "), element("code", {}, command)),
      ...(leads ? [element("p", {}, element("strong", {}, "Link "), element("code", {}, link))] : []),
    ]);
  }

  #fit() {
    const { sheet } = this;
    for (const [way, paper] of Object.entries(SHEETS)) {
      const scale = scaleFor(paper, (width) => {
        sheet.style.width = `${width}px`;
        return sheet.scrollHeight;
      });
      sheet.style.setProperty(`--${way}-width`, `${paper.width / scale}px`);
      sheet.style.setProperty(`--${way}-scale`, String(scale));
    }
    sheet.style.width = "";
  }

  leave() {
    this.stop.abort();
  }
}
