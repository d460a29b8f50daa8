// One row: the preset before, the one that is set (a list to pick from opens on it), the next, what to look for.

import { glyph } from "./glyphs.js";
import { element, fill, say } from "./words.js";

/** @import { Preset, Presets as Given } from "../session/page.js" */
/** @import { PresetActions } from "./types.js" */

/** @type {Record<Preset["kind"], string>} */
const GROUPS = { lands: "Lands", departs: "Fails, and why", gpu: "For a GPU" };

/**
 * The verdict whose mark and colour stand beside a preset: what wants a GPU states none.
 * @param {Preset["kind"]} kind
 */
export const marked = (kind) => (kind === "gpu" ? "not judged" : kind);

/**
 * Whether every typed word is somewhere in what is said of a preset.
 * @param {Preset} preset
 * @param {string} typed
 */
export function matches({ title, look_for }, typed) {
  const said = `${title} ${look_for}`.toLowerCase();
  return typed.toLowerCase().split(/\s+/).every((word) => said.includes(word));
}

/**
 * The place of the preset before (-1) or after (+1) another, round and round; from none, the first or the last.
 * @param {number} count
 * @param {number} here -1 where none is set
 * @param {-1 | 1} way
 */
export function neighbour(count, here, way) {
  if (here < 0) return way > 0 ? 0 : count - 1;
  return (here + way + count) % count;
}

/** The presets of an experiment, those that land first, as the list shows them. */
export class Presets {
  /** @param {PresetActions} actions */
  constructor(actions) {
    this.actions = actions;
    /** @type {Preset[]} */
    this.presets = [];
    /** @type {string | null} */
    this.active = null;
    this.unnamed = "";
    /** The one under the arrow keys, by its place among those listed. */
    this.pointed = -1;
    this.before = this.#turn(-1, "previous", "the preset before (key [ or ,)");
    this.after = this.#turn(1, "next", "the next preset (key ] or .)");
    this.mark = element("span", { class: "mark" });
    this.title = element("span", { class: "title" });
    this.opener = element(
      "button",
      { type: "button", class: "current", "data-action": "presets", "aria-haspopup": "dialog", "aria-expanded": "false", popovertarget: "presets-list" },
      this.mark,
      this.title,
      glyph("down", 14),
    );
    this.filter = element("input", {
      type: "search", role: "combobox", "aria-expanded": "true", "aria-controls": "presets-listed", "aria-autocomplete": "list",
      placeholder: "Type to filter", "aria-label": "Filter the presets", oninput: () => this.#list(), onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
    });
    this.options = element("div", { class: "options", role: "listbox", id: "presets-listed", "aria-label": "Presets" });
    this.list = element("div", { class: "popover", id: "presets-list", popover: "auto", role: "dialog", "aria-label": "Presets" }, this.filter, this.options);
    this.list.addEventListener("toggle", (event) => this.#toggled(/** @type {ToggleEvent} */ (event).newState === "open"));
    this.look = element("p", { class: "look-for" });
    this.besideBox = element("input", { type: "checkbox", role: "switch", "data-action": "beside", onchange: () => actions.beside(this.besideBox.checked) });
    this.besideWords = element("span");
    this.beside = element("label", { class: "beside", hidden: true }, this.besideBox, element("i", { class: "rail" }), this.besideWords);
    this.node = element(
      "div",
      { class: "presets", role: "group", "aria-label": "Presets" },
      element("span", { class: "picker" }, this.before, this.opener, this.after),
      this.look,
      this.beside,
      this.list,
    );
  }

  /**
   * @param {-1 | 1} way
   * @param {string} action
   * @param {string} title
   */
  #turn(way, action, title) {
    return element("button", { type: "button", "data-action": action, title, "aria-label": title, onclick: () => this.turn(way) }, glyph(action));
  }

  /** @param {Given} [given] */
  show(given) {
    this.node.hidden = !given?.presets.length;
    if (!given) return;
    this.presets = given.presets;
    this.active = given.active;
    this.unnamed = given.unnamed;
    const active = this.presets.find(({ id }) => id === given.active);
    this.node.dataset.active = active?.id ?? "";
    say(this.title, active?.title ?? this.unnamed);
    say(this.look, active?.look_for ?? "");
    const verdict = active ? marked(active.kind) : "";
    fill(this.mark, verdict, () => (active ? [glyph(verdict)] : []));
    this.mark.dataset.verdict = verdict;
    this.opener.setAttribute("aria-label", `preset: ${active?.title ?? this.unnamed}; open the list`);
    this.beside.hidden = !given.beside;
    if (given.beside) {
      say(this.besideWords, `Beside it: ${given.beside.title}`);
      this.besideBox.checked = given.beside.on;
    }
    if (this.list.matches(":popover-open")) this.#list();
  }

  /**
   * To the preset before or after the one that is set.
   * @param {-1 | 1} way
   */
  turn(way) {
    const open = this.presets.filter(({ id, locked }) => !locked || id === this.active);
    const here = open.findIndex(({ id }) => id === this.active);
    const next = open[neighbour(open.length, here, way)];
    if (next && next.id !== this.active) this.#pick(next.id);
  }

  /** @param {string} id */
  #pick(id) {
    if (this.list.matches(":popover-open")) this.#close();
    const { beside } = this.presets.find((preset) => preset.id === id) ?? {};
    this.show({ presets: this.presets, active: id, unnamed: this.unnamed, beside: beside ? { title: beside, on: true } : null });
    this.actions.pick(id);
  }

  /** To the button that opened the list: the next Tab would begin at the top of the page. */
  #close() {
    this.list.hidePopover();
    this.opener.focus();
  }

  /** @param {boolean} open */
  #toggled(open) {
    this.opener.setAttribute("aria-expanded", String(open));
    if (!open) return;
    const { left, bottom } = this.opener.getBoundingClientRect();
    const across = Math.min(left, innerWidth - this.list.offsetWidth - 16);
    this.list.style.left = `${Math.max(16, across)}px`;
    this.list.style.top = `${Math.max(8, Math.min(bottom + 6, innerHeight - this.list.offsetHeight - 8))}px`;
    this.filter.value = "";
    this.#list();
    this.filter.focus();
  }

  /** Those that have what is typed, in their groups. */
  #list() {
    const listed = this.presets.filter((preset) => matches(preset, this.filter.value.trim()));
    this.pointed = Math.max(0, listed.findIndex(({ id }) => id === this.active));
    const groups = /** @type {Preset["kind"][]} */ (Object.keys(GROUPS)).flatMap((kind) => {
      const members = listed.filter((preset) => preset.kind === kind);
      if (!members.length) return [];
      const name = element("p", { id: `presets-${kind}`, class: "mark", "data-verdict": marked(kind) }, glyph(marked(kind)), GROUPS[kind]);
      return [element("div", { role: "group", "aria-labelledby": `presets-${kind}` }, name, ...members.map((preset) => this.#option(preset)))];
    });
    this.options.replaceChildren(...(groups.length ? groups : [element("p", { class: "none" }, "No preset says that.")]));
    this.#point(0);
  }

  /** @param {Preset} preset */
  #option({ id, title, look_for, locked }) {
    const named = { class: "option", role: "option", id: `preset-${id}`, "data-preset": id, "aria-selected": String(id === this.active) };
    return element(
      "div",
      { ...named, "aria-disabled": locked ? "true" : null, onclick: () => !locked && this.#pick(id) },
      element("strong", {}, title),
      element("span", {}, locked || look_for),
    );
  }

  /** @param {number} by how many options further */
  #point(by) {
    const options = /** @type {HTMLElement[]} */ ([...this.options.querySelectorAll(".option")]);
    this.pointed = Math.min(options.length - 1, Math.max(0, this.pointed + by));
    options.forEach((option, i) => option.classList.toggle("pointed", i === this.pointed));
    const one = options[this.pointed];
    this.filter.setAttribute("aria-activedescendant", one?.id ?? "");
    one?.scrollIntoView({ block: "nearest" });
    return one;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") this.#point(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Escape") this.#close();
    else if (event.key === "Enter") {
      this.#point(0)?.click();
    } else return;
    event.preventDefault();
  }
}
