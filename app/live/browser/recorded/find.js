// The field above the cards of a page of pictures: app/recorded/home.py writes it, hidden.

/** @param {string} text without case and accents, as sims/core/search.py has them */
const words = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().match(/[\p{L}\p{N}]+(\.\d+)?/gu) ?? [];

/**
 * Whether every typed word begins some word of the text.
 * @param {string} typed
 * @param {string} said
 */
export function says(typed, said) {
  const known = words(said);
  return words(typed).every((begun) => known.some((word) => word.startsWith(begun)));
}

/** Shows the field; as one types, the cards that hold all the words stay, and the sections that hold cards. */
export function find() {
  const place = /** @type {HTMLElement | null} */ (document.querySelector(".find"));
  const field = place?.querySelector("input");
  const count = place?.querySelector("span");
  if (!place || !field || !count) return;
  const cards = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-said]")]);
  const sections = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("section")]);
  const show = () => {
    for (const card of cards) card.hidden = !says(field.value, card.dataset.said ?? "");
    for (const section of sections) section.hidden = !section.querySelector("[data-said]:not([hidden])");
    const left = cards.filter((card) => !card.hidden).length;
    const none = "No experiment says that: try fewer or shorter words.";
    count.textContent = field.value.trim() ? (left ? `${left} of ${cards.length} experiments` : none) : "";
  };
  field.addEventListener("input", show);
  place.hidden = false;
  show(); // a browser keeps what was typed through a reload
}
