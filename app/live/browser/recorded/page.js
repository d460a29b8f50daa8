// A page that plays a recorded run, without a server and without Python: app/recorded/page.py writes it.

import { Address } from "../dom/address.js";
import { element } from "../dom/words.js";
import { LivePage } from "../live_page.js";
import { mounting } from "../mounting.js";
import { Recording, taken, unzipped } from "../session/recording.js";

/** @import { Component } from "../mounting.js" */
/** @import { Plotly } from "../panels/plotly.js" */
/** @import { Page, Palettes } from "../session/page.js" */
/** @import { Recorded } from "../session/recording.js" */
/** @import { Supplies } from "../supplies.js" */

const UNPLAYABLE = "This page cannot be played here: it takes a browser of 2023 or later, and all of its file.";
const dark = matchMedia("(prefers-color-scheme: dark)");

/** @typedef {{ palette: Palettes, rules: string }} Look */

/**
 * The bytes of a recording, which stand in the page as text.
 * @param {string} packed base64
 */
function bytesOf(packed) {
  const text = atob(packed);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/**
 * All that the page needs stands in it.
 * @param {Recorded} recorded
 * @param {ArrayBuffer} numbers
 * @param {string} rules
 * @returns {Supplies}
 */
function supplied(recorded, numbers, rules) {
  const csv = URL.createObjectURL(new Blob([numbers], { type: "text/csv" }));
  const name = `${recorded.view.stem}.csv`;
  const link = /** @type {HTMLAnchorElement | null} */ (document.getElementById("numbers"));
  if (link) [link.href, link.download] = [csv, name];
  return {
    address: (whenIdle) => new Address(whenIdle),
    connect: (token, handlers) => new Recording(recorded, token, handlers),
    style: async (shadow) => shadow.prepend(element("style", {}, rules)),
    plotly: async () => /** @type {typeof window & { Plotly: Plotly }} */ (window).Plotly,
    file: (kind) => (kind === "csv" ? { href: csv, name } : null),
  };
}

/**
 * What the document says of its page: app/recorded/page.py.
 * @typedef {object} Around
 * @property {string} live the page on a server, where one is named
 * @property {Record<string, string>} pages those of presets
 * @property {Page["keep"]} keep
 * @property {Page["presets"]} presets
 */

/**
 * Plays a recording in the element `#live`; says so where it cannot.
 * @param {string} packed
 * @param {Look} look
 */
export async function play(packed, look) {
  const host = /** @type {HTMLElement} */ (document.getElementById("live"));
  try {
    await mounted(host, packed, look);
  } catch (error) {
    host.textContent = UNPLAYABLE;
    throw error;
  }
}

/**
 * @param {HTMLElement} host
 * @param {string} packed
 * @param {Look} look
 */
async function mounted(host, packed, { palette, rules }) {
  const { recorded, numbers } = taken(await unzipped(bytesOf(packed)));
  /** @type {Around} */
  const { live, pages, keep, presets } = JSON.parse(document.getElementById("page")?.textContent ?? "");
  const { view } = recorded;
  view.links = live ? view.links.map((query) => live + query) : [];
  for (const panel of view.panels) panel.cells &&= live !== "";
  const supplies = supplied(recorded, numbers, rules);
  const mount = mounting(
    class extends LivePage {
      /**
       * @param {Component} component
       * @param {() => void} left
       */
      constructor(component, left) {
        super(component, left, supplies);
      }
    },
  );
  const component = {
    parentElement: host.attachShadow({ mode: "open" }),
    data: { token: "recorded", page: { palette, keep, presets } },
    setStateValue: () => {},
    setTriggerValue: (/** @type {string} */ name, /** @type {any} */ asking) => {
      if (name === "preset" && pages[asking.value]) location.assign(pages[asking.value]);
    },
  };
  // What just happened is told once it has.
  host.addEventListener("judged", () => document.body.setAttribute("data-judged", ""));
  mount(component);
  dark.addEventListener("change", () => mount(component));
}
