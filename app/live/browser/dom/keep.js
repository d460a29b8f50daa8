// Keep: links and code to copy, files of the run, the panels as one picture, and pages on paper.

import { snippet } from "./alone.js";
import { glyph } from "./glyphs.js";
import { picture, rastered } from "./picture.js";
import { element } from "./words.js";

/** @import { View } from "../session/messages.js" */
/** @import { Panel } from "../panels/panel.js" */
/** @import { KeepPage, KeepSource } from "./types.js" */
/** @import { Supplies } from "../supplies.js" */

/** @type {{ action: "permalink" | "python" | "command" | "embed", words: string, icon?: string, title?: string }[]} */
const COPIES = [
  { action: "permalink", words: "Permalink", icon: "link" },
  { action: "python", words: "Copy as Python" },
  { action: "command", words: "Copy as command" },
  { action: "embed", words: "Embed", title: "HTML that shows this stage in a page of yours" },
];
/** @type {{ kind: string, words: string, icon?: string, title?: string }[]} */
const FILES = [
  { kind: "nc", words: "NetCDF", icon: "download" },
  { kind: "csv", words: "CSV" },
  { kind: "json", words: "JSON" },
  { kind: "html", words: "As a page", title: "one file that plays this run, without a server" },
  { kind: "handout", words: "Hand-out", title: "one page of A4, with the claims and an exercise" },
  { kind: "handout_blank", words: "Blank hand-out", title: "the same for who is still to guess" },
];
/** What there is only once the run is over. */
const OF_RUN = ["html"];
/** @type {{ kind: "svg" | "png", words: string }[]} */
const PICTURES = [{ kind: "svg", words: "SVG" }, { kind: "png", words: "PNG" }];
const SAID_MS = 1600;

/**
 * Puts text on the clipboard, also where the page is not served securely.
 * @param {string} text
 */
export async function copied(text) {
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

/**
 * An address that keeps the reader's guess too.
 * @param {URL} address
 * @param {string} guess
 */
function withGuess(address, guess) {
  if (guess) address.searchParams.set("guess", guess);
  return address;
}

/** @param {Response} answer */
function nameOf(answer) {
  return /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
}

/** The row of buttons. */
export class Keep {
  /**
   * @param {Supplies["file"]} file
   * @param {() => KeepSource} source
   * @param {KeepPage} page
   */
  constructor(file, source, page) {
    this.file = file;
    this.source = source;
    this.page = page;
    this.copies = COPIES.map((one) => this.#copyButton(one));
    this.files = FILES.map((one) => this.#fileLink(one));
    this.pictures = PICTURES.map(({ kind, words }) =>
      element("button", { type: "button", "data-action": kind, onclick: () => this.#picture(kind) }, words),
    );
    this.isOver = false;
    /** The address of a file that is on its way: @type {string | null} */
    this.fetching = null;
    this.node = element(
      "div",
      { class: "keep", role: "group", "aria-label": "Keep" },
      element("h3", {}, "Keep"),
      ...this.copies,
      ...this.files,
      ...this.pictures,
    );
  }

  /**
   * @param {View} view
   * @param {string | null} token
   */
  show(view, token) {
    FILES.forEach(({ kind }, i) => {
      const found = this.file(kind, token);
      this.files[i].hidden = !found;
      this.files[i].dataset.href = found?.href ?? "";
      this.files[i].download = found?.name ?? "";
    });
    this.#lead();
    const { keep } = this.source();
    COPIES.forEach(({ action }, i) => (this.copies[i].hidden = !keep[action]));
  }

  /**
   * Whether the run is over.
   * @param {boolean} isOver
   */
  finished(isOver) {
    this.isOver = isOver;
    this.#lead();
  }

  /** A link to a file that is not there yet leads nowhere. */
  #lead() {
    FILES.forEach(({ kind, title }, i) => {
      const link = this.files[i];
      const waits = OF_RUN.includes(kind) && !this.isOver;
      link.setAttribute("aria-disabled", String(waits));
      link.title = waits ? "once the run is over" : title ?? "";
      if (waits) link.removeAttribute("href");
      else link.href = link.dataset.href ?? "";
    });
  }

  /** @param {{ kind: string, words: string, icon?: string }} one */
  #fileLink({ kind, words, icon }) {
    const fetched = (/** @type {MouseEvent} */ event) => this.#fetch(event);
    return element("a", { class: "button", "data-action": kind, download: true, onclick: fetched }, icon ? glyph(icon) : null, words);
  }

  /** @param {(typeof COPIES)[number]} one */
  #copyButton({ action, words, icon, title }) {
    const before = element("span", {}, words);
    const after = element("span", { class: "off" }, "copied");
    const say = (/** @type {boolean} */ done) => {
      before.classList.toggle("off", done);
      after.classList.toggle("off", !done);
    };
    const copy = async () => {
      const { keep, guess } = this.source();
      if (action === "embed") await copied(keep.embed ? snippet(keep.embed, location.href) : "");
      else if (action === "permalink") await copied(withGuess(new URL(keep.permalink ?? "", location.href), guess).href);
      else await copied(keep[action] ?? "");
      say(true);
      this.page.say("copied");
      setTimeout(() => say(false), SAID_MS);
    };
    return element(
      "button",
      { type: "button", "data-action": action, title, onclick: copy },
      icon ? glyph(icon) : null,
      element("span", { class: "stack" }, before, after),
    );
  }

  /**
   * Saves a file of the run once the server has given it, so that a refusal can be said.
   * @param {MouseEvent} event
   */
  async #fetch(event) {
    const { href: file, download } = /** @type {HTMLAnchorElement} */ (event.currentTarget);
    if (!file || download || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const { href } = withGuess(new URL(file), this.source().guess);
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
