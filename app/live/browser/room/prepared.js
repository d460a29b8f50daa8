// The questions that a lecturer has put on the list, before the room is open.

import { element } from "../dom/words.js";

/** @import { Menu } from "./types.js" */

const MOST = 12;

/** A list to be put in order. */
export class Prepared {
  /** @param {Menu[]} menu */
  constructor(menu) {
    this.menu = menu;
    /** @type {string[]} */
    this.links = [];
    this.list = element("ol", { class: "prepared" });
    this.empty = element("p", { class: "empty" }, "None yet.");
    this.full = element("p", { class: "trouble", role: "alert" });
    this.node = element("div", {}, this.empty, this.list, this.full);
  }

  /** @param {string[]} lines links; empty ones are left out */
  add(lines) {
    const links = lines.map((line) => line.trim()).filter(Boolean);
    this.full.textContent = this.links.length + links.length > MOST ? `A room has at most ${MOST} questions.` : "";
    this.links = [...this.links, ...links].slice(0, MOST);
    this.#show();
  }

  /**
   * Moves a question by so many places, or takes it off the list where that is none.
   * @param {number} i
   * @param {number} by
   */
  move(i, by) {
    const [link] = this.links.splice(i, 1);
    if (by) this.links.splice(i + by, 0, link);
    this.full.textContent = "";
    this.#show();
    const rows = this.list.children;
    const row = rows[Math.min(by ? i + by : i, rows.length - 1)];
    const action = by < 0 ? "up" : by > 0 ? "down" : "remove";
    const wanted = /** @type {HTMLButtonElement | null} */ (row?.querySelector(`[data-action=${action}]:not(:disabled)`));
    (wanted ?? /** @type {HTMLElement | null} */ (row?.querySelector("button:not(:disabled)")))?.focus();
  }

  /**
   * What a link is called on the menu, or itself, in short.
   * @param {string} link
   * @returns {[title: string, more: string]}
   */
  named(link) {
    for (const phenomenon of this.menu) {
      for (const { title, own, presets } of phenomenon.experiments) {
        const preset = presets.find((one) => one.link === link);
        if (preset) return [preset.title, title];
        const [page, query = ""] = link.split("?");
        if (page.split("/").at(-1) === own.link.split("?")[0]) return [title, query ? decoded(query) : "as its page opens"];
      }
    }
    return [link, ""];
  }

  #show() {
    this.empty.hidden = this.links.length > 0;
    this.list.replaceChildren(...this.links.map((link, i) => {
      const [title, more] = this.named(link);
      /**
       * @param {string} action
       * @param {string} words
       * @param {number} by
       */
      const button = (action, words, by) => element("button", {
        type: "button", "data-action": action, "aria-label": `${words}: ${title}`, disabled: i + by < 0 || i + by >= this.links.length,
        onclick: () => this.move(i, by),
      }, words);
      return element("li", { "data-link": link },
        element("span", { class: "title" }, title), element("span", { class: "state" }, more),
        button("up", "Up", -1), button("down", "Down", 1), button("remove", "Remove", 0));
    }));
  }
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text).replaceAll("&", ", ");
  } catch {
    return text;
  }
}
