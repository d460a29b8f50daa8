// Where this tab keeps pinned runs: they survive a reload, and end with the tab.

/** @import { PinnedRun } from "./types.js" */

const BEFORE = "lmx pin";

/** Pinned runs by the name of their setting; those of other code, or of another page, are not found. */
export class Kept {
  /** @param {Storage | null} storage */
  constructor(storage) {
    this.storage = storage;
    /** @type {Map<string, PinnedRun>} */
    this.runs = new Map();
    this.of = "";
  }

  /**
   * Which page they are of, and which code has made them.
   * @param {string} page
   * @param {string} stamp
   */
  turnTo(page, stamp) {
    const of = `${BEFORE} ${page} ${stamp}`;
    if (of === this.of) return;
    this.of = of;
    this.runs.clear();
  }

  /**
   * @param {string} name
   * @returns {PinnedRun | null}
   */
  get(name) {
    const known = this.runs.get(name);
    if (known) return known;
    try {
      const text = this.storage?.getItem(`${this.of} ${name}`);
      if (!text) return null;
      const run = /** @type {PinnedRun} */ (JSON.parse(text));
      this.runs.set(name, run);
      return run;
    } catch {
      return null;
    }
  }

  /**
   * @param {string} name
   * @param {PinnedRun} run
   */
  put(name, run) {
    this.runs.set(name, run);
    try {
      this.storage?.setItem(`${this.of} ${name}`, JSON.stringify(run));
    } catch {
      // It is full, or not allowed: the run is kept until the page is left.
    }
  }

  /** @param {string} name */
  drop(name) {
    this.runs.delete(name);
    try {
      this.storage?.removeItem(`${this.of} ${name}`);
    } catch {
      // There is none to remove.
    }
  }
}

/** What the tab keeps, where that is allowed. */
export function tabStorage() {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}
