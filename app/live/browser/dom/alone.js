// The stage alone, in a frame of another page: what else is of the page is not shown, and links open beside it.

import { element } from "./words.js";

/** Pixels that a frame is high, so that on no screen from 320 px on anything in it scrolls. */
const HEIGHT = 800;

/** What makes of a page its stage alone. */
export class Alone {
  /**
   * @param {{ root: HTMLElement, claims: Element }} page
   */
  constructor({ root, claims }) {
    this.root = root;
    this.claims = claims;
    this.link = element("a", { class: "whole", target: "_blank", rel: "noopener" }, "Open the whole page");
    this.on = false;
  }

  /** @param {{ whole: string }} [stage] */
  show(stage) {
    this.on = Boolean(stage);
    this.root.classList.toggle("alone", this.on);
    if (!stage) return this.link.remove();
    this.link.href = new URL(stage.whole, location.href).href;
    if (this.link.parentElement !== this.claims) this.claims.append(this.link);
  }

  /**
   * Opens another page: beside a frame, which would have no room for it.
   * @param {string} address
   */
  open(address) {
    if (this.on) window.open(new URL(address, location.href), "_blank", "noopener");
    else location.assign(address);
  }
}

/**
 * What another page shows the stage with.
 * @param {{ query: string, title: string }} embed
 * @param {string} here the address of the page
 */
export function snippet({ query, title }, here) {
  const address = new URL(query, here).href;
  return `<iframe src="${quoted(address)}" title="${quoted(title)}" width="100%" height="${HEIGHT}" loading="lazy" style="border:0"></iframe>`;
}

/** @param {string} text */
function quoted(text) {
  return text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");
}
