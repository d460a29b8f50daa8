// Keep: links and code to copy, files of the run, the panels as one picture, and pages on paper.

import { glyph } from "./glyphs.js";
import { picture, rastered } from "./picture.js";
import { element } from "./words.js";

/** @import { View } from "../session/messages.js" */
/** @import { Panel } from "../panels/panel.js" */
/** @import { KeepPage, KeepSource } from "./types.js" */

/** @type {{ action: "permalink" | "python" | "command", words: string, icon?: string }[]} */
const COPIES = [
  { action: "permalink", words: "Permalink", icon: "link" },
  { action: "python", words: "Copy as Python" },
  { action: "command", words: "Copy as command" },
];
/** @type {{ kind: string, words: string, icon?: string }[]} */
const FILES = [{ kind: "nc", words: "NetCDF", icon: "download" }, { kind: "csv", words: "CSV" }, { kind: "json", words: "JSON" }];
/** @type {{ kind: "svg" | "png", words: string }[]} */
const PICTURES = [{ kind: "svg", words: "SVG" }, { kind: "png", words: "PNG" }];
/** Pages on paper: made by the server, of the run or of what is known before it. */
const HANDOUTS = [{ kind: "handout", words: "Hand-out" }, { kind: "handout_blank", words: "Blank hand-out" }];
const SAID_MS = 1600;

/**
 * Puts text on the clipboard, also where the page is not served securely.
 * @param {string} text
 */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = element("textarea", { style: "position:fixed;opacity:0" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
function saved(blob, name) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** @param {Response} answer */
function nameOf(answer) {
  return /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
}

/** The row of buttons. */
export class Keep {
  /**
   * @param {URL} base
   * @param {() => KeepSource} source
   * @param {KeepPage} page
   */
  constructor(base, source, page) {
    this.base = base;
    this.source = source;
    this.page = page;
    this.copies = COPIES.map((one) => this.#copyButton(one));
    this.files = FILES.map((one) => this.#fileLink(one));
    this.handouts = HANDOUTS.map((one) => this.#fileLink(one));
    this.pictures = PICTURES.map(({ kind, words }) =>
      element("button", { type: "button", "data-action": kind, onclick: () => this.#picture(kind) }, words),
    );
    /** The address of a file that is on its way: @type {string | null} */
    this.fetching = null;
    this.node = element(
      "div",
      { class: "keep", role: "group", "aria-label": "Keep" },
      element("h3", {}, "Keep"),
      ...this.copies,
      ...this.files,
      ...this.pictures,
      ...this.handouts,
    );
  }

  /**
   * @param {View} view
   * @param {string | null} token
   */
  show(view, token) {
    const folder = new URL(`files/${encodeURIComponent(token ?? "")}/`, this.base);
    FILES.forEach(({ kind }, i) => (this.files[i].href = new URL(`run.${kind}`, folder).href));
    const server = encodeURIComponent(this.base.href);
    HANDOUTS.forEach(({ kind }, i) => (this.handouts[i].href = new URL(`${kind}.pdf?server=${server}`, folder).href));
    const { keep } = this.source();
    COPIES.forEach(({ action }, i) => (this.copies[i].hidden = !keep[action]));
  }

  /** @param {{ kind: string, words: string, icon?: string }} one */
  #fileLink({ kind, words, icon }) {
    const fetched = (/** @type {MouseEvent} */ event) => this.#fetch(event);
    return element("a", { class: "button", "data-action": kind, download: true, onclick: fetched }, icon ? glyph(icon) : null, words);
  }

  /** @param {(typeof COPIES)[number]} one */
  #copyButton({ action, words, icon }) {
    const before = element("span", {}, words);
    const after = element("span", { class: "off" }, "copied");
    const say = (/** @type {boolean} */ done) => {
      before.classList.toggle("off", done);
      after.classList.toggle("off", !done);
    };
    const copy = async () => {
      const text = this.source().keep[action] ?? "";
      await copied(action === "permalink" ? new URL(text, location.href).href : text);
      say(true);
      this.page.say("copied");
      setTimeout(() => say(false), SAID_MS);
    };
    return element(
      "button",
      { type: "button", "data-action": action, onclick: copy },
      icon ? glyph(icon) : null,
      element("span", { class: "stack" }, before, after),
    );
  }

  /**
   * Saves a file of the run once the server has given it, so that a refusal can be said.
   * @param {MouseEvent} event
   */
  async #fetch(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const { href } = /** @type {HTMLAnchorElement} */ (event.currentTarget);
    if (this.fetching === href) return;
    this.fetching = href;
    try {
      const answer = await fetch(href);
      if (!answer.ok) {
        this.page.missing(answer.status === 404);
        return;
      }
      saved(await answer.blob(), nameOf(answer) ?? href.slice(href.lastIndexOf("/") + 1));
      this.page.fetched();
    } catch {
      this.page.missing(false);
    } finally {
      this.fetching = null;
    }
  }

  /**
   * @param {"svg" | "png"} kind
   * @param {Panel | null} only
   */
  async #picture(kind, only = null) {
    const { panels, Plotly, palette, name, settle } = this.source();
    if (!Plotly) return;
    settle();
    const drawing = await picture(only ? [only] : panels, Plotly, palette);
    const stem = only ? `${name}-${only.spec.id}` : name;
    const svg = new Blob([drawing.text], { type: "image/svg+xml" });
    saved(kind === "png" ? await rastered(drawing) : svg, `${stem}.${kind}`);
  }

  /**
   * One panel as an SVG file.
   * @param {Panel} panel
   */
  save(panel) {
    return this.#picture("svg", panel);
  }
}
