// The rules of the live part, in files by what they are about.

import { element } from "./words.js";

const FILES = ["live.css", "stage.css", "claims.css", "shelf.css", "projector.css", "alone.css", "paper.css"];

/**
 * Puts the rules into a shadow root; nothing should be seen before they are there.
 * @param {ShadowRoot} shadow
 * @param {string} base
 * @param {string[]} files
 */
export function styled(shadow, base, files = FILES) {
  const links = files.map((name) => element("link", { rel: "stylesheet", href: new URL(name, base) }));
  const there = links.map((link) => new Promise((done) => (link.onload = link.onerror = done)));
  shadow.prepend(...links);
  return Promise.all(there);
}
