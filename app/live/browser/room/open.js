// The entrance: a field for the code of a room, and the form with which a lecturer opens one.

import { element, say } from "../dom/words.js";
import { BASE } from "../supplies.js";
import { given } from "./given.js";
import { Prepared } from "./prepared.js";

/** @import { Menu } from "./types.js" */

const UNREACHABLE = "The server cannot be reached; try again.";
const LETTERS = 4;
const { words = "", code = "", menu = [] } = given();

/** The field for who joins. */
function joining() {
  const field = element("input", {
    id: "code", name: "code", type: "text", value: code, maxlength: "12", autocomplete: "off", autocapitalize: "characters",
    spellcheck: "false", required: true, "aria-describedby": "code-words",
  });
  const trouble = element("p", { class: "trouble", id: "code-words", role: "alert" }, words);
  const form = element("form", {
    class: "join",
    onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      const letters = field.value.replace(/[^\p{L}]/gu, "").toUpperCase();
      if (letters.length !== LETTERS) say(trouble, `A code has ${LETTERS} letters: they are on the wall.`);
      else location.assign(new URL(`room/${encodeURIComponent(letters)}`, BASE));
    },
  }, element("label", { for: "code" }, "The code on the wall"), field, element("button", { type: "submit", class: "filled" }, "Join"));
  return element("section", { class: "joining", "aria-labelledby": "join-title" },
    element("h1", { id: "join-title" }, "Join a room"), form, trouble);
}

/**
 * A menu of every experiment and preset.
 * @param {Menu[]} phenomena
 */
function choices(phenomena) {
  const groups = phenomena.flatMap(({ title, experiments }) => experiments.map((one) => {
    const own = element("option", { value: one.own.link }, `${one.title}: as its page opens`);
    const presets = one.presets.map((preset) => element("option", { value: preset.link }, preset.title));
    return element("optgroup", { label: `${title}: ${one.title}` }, own, ...presets);
  }));
  return element("select", { id: "pick" }, element("option", { value: "" }, "Pick an experiment or a preset"), ...groups);
}

/** The form of who opens a room. */
function opening() {
  const prepared = new Prepared(menu);
  const pick = choices(menu);
  pick.onchange = () => {
    if (pick.value) prepared.add([pick.value]);
    pick.value = "";
  };
  const links = element("textarea", { id: "links", rows: "3", placeholder: "one a line" });
  const add = element("button", { type: "button", "data-action": "add", onclick: () => {
    prepared.add(links.value.split("\n"));
    links.value = "";
  } }, "Add these");
  const title = element("input", { id: "title", type: "text", maxlength: "80", autocomplete: "off" });
  const trouble = element("p", { class: "trouble", role: "alert" });
  const open = element("button", { type: "submit", class: "filled", "data-action": "open" }, "Open the room");
  const form = element("form", {
    class: "opening-form",
    onsubmit: async (/** @type {Event} */ event) => {
      event.preventDefault();
      if (links.value.trim()) add.click();
      if (!prepared.links.length) return say(trouble, "Put a question on the list first.");
      open.disabled = true;
      say(trouble, await opened(prepared.links, title.value.trim()));
      open.disabled = false;
    },
  },
    element("label", { for: "pick" }, "Add a question from the explorer"), pick,
    element("label", { for: "links" }, "Or paste links of pages, with their settings"), links, element("p", { class: "row" }, add),
    element("h3", {}, "Questions, in this order"), prepared.node,
    element("label", { for: "title" }, "A name for the room, if you like"), title,
    trouble, element("p", { class: "row" }, open));
  const asked = /^#open=(.*)$/s.exec(location.hash);
  if (asked) {
    try {
      prepared.add([decodeURIComponent(asked[1])]);
    } catch {
      say(trouble, "The link that was to be the first question cannot be read: paste it.");
    }
  }
  return element("section", { class: "opening-room", "aria-labelledby": "open-title" },
    element("h2", { id: "open-title" }, "Open a room"),
    element("p", {}, "For a class: everybody guesses on a phone, you run it for all, and the wall shows who was near. Nothing is stored, and nobody is named."),
    form);
}

/**
 * Opens it and goes to its wall; why not, in one sentence.
 * @param {string[]} links
 * @param {string} title
 */
async function opened(links, title) {
  try {
    const answer = await fetch(new URL("room", BASE), {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(title ? { links, title } : { links }),
    });
    /** @type {{ code?: string, secret?: string, refused?: string }} */
    const told = await answer.json();
    if (!answer.ok || !told.code) return told.refused ?? UNREACHABLE;
    location.assign(new URL(`room/${told.code}/wall#${encodeURIComponent(told.secret ?? "")}`, BASE));
    return "";
  } catch {
    return UNREACHABLE;
  }
}

const main = /** @type {HTMLElement} */ (document.getElementById("room"));
main.replaceChildren(joining(), opening());
main.dataset.phase = "entrance";
if (!location.hash.startsWith("#open=")) document.getElementById("code")?.focus();
