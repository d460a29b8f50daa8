// The predicted numbers beside the picture: tiles with what was measured, assumptions, and the hash.

import { glyph } from "./glyphs.js";
import { verdictMark } from "./verdicts.js";
import { counted, element, fill, fixed, rich, say } from "./words.js";

/** @import { Assumption, Judgement, Tile, View } from "../session/messages.js" */
/** @import { Moment } from "../session/types.js" */

/**
 * A tile's edge: the colour of the curve it speaks of.
 * @param {Tile} tile
 */
function edgeOf({ colour }) {
  return colour === null ? "var(--rule2)" : `var(--series${colour})`;
}

/** @param {string} text */
function measuredAs(text) {
  return element("span", {}, element("span", { class: "word" }, "measured "), text);
}

/** @param {Assumption} assumption */
function item({ name, label, sentence, held }) {
  return element(
    "li",
    { "data-assumption": name, "data-held": String(held), class: held ? null : "broken" },
    glyph(held ? "held" : "broken"),
    element("span", { class: "unseen" }, held ? "held: " : ""),
    element(
      "span",
      {},
      rich(label),
      held ? element("span", { class: "why" }, sentence ? ". " : "", rich(sentence)) : element("span", {}, ": broken", sentence ? ". " : "", rich(sentence)),
    ),
  );
}

/**
 * "all 11 assumptions hold", "both assumptions hold", "the other 9 hold".
 * @param {number} held
 * @param {number} broken
 */
function holding(held, broken) {
  if (broken) return held === 1 ? "the other one holds" : `the other ${held} hold`;
  if (held === 1) return "the one assumption holds";
  return held === 2 ? "both assumptions hold" : `all ${held} assumptions hold`;
}

/** What is predicted in numbers, fixed before the first step. */
export class Numbers {
  constructor() {
    this.tiles = element("div", { class: "tiles" });
    this.assumptions = element("div", { class: "assumptions" });
    this.frozen = element("p", { class: "frozen" });
    this.provenance = element("p", { class: "provenance" });
    const heading = element("h2", { class: "unseen", id: "prediction" }, "Prediction");
    this.node = element("section", { class: "numbers", "aria-labelledby": "prediction" }, heading, this.tiles, this.assumptions, this.frozen, this.provenance);
    /** Where a tile says what was measured: @type {HTMLElement[]} */
    this.measured = [];
    /** @type {Tile[]} */
    this.shown = [];
  }

  /** @param {View} view */
  show({ tiles, assumptions, hash, provenance }) {
    this.shown = tiles;
    this.#showTiles(tiles);
    this.#showAssumptions(assumptions);
    fill(this.frozen, hash, () =>
      hash ? ["frozen before the first step, sha-256 ", element("code", { title: hash }, hash.slice(0, 12))] : [],
    );
    say(this.provenance, provenance);
  }

  /** @param {Tile[]} tiles */
  #showTiles(tiles) {
    this.tiles.hidden = !tiles.length;
    this.tiles.style.setProperty("--across", String(Math.min(5, Math.max(1, tiles.length))));
    fill(this.tiles, tiles, () => {
      this.measured = tiles.map(() => element("p", { class: "measured" }));
      return tiles.map((tile, i) => {
        const node = element(
          "div",
          { class: "tile", "data-tile": i },
          element("p", { class: "what" }, element("span", { class: "symbol" }, rich(tile.symbol)), tile.symbol ? " " : "", rich(tile.words)),
          element("p", { class: "value" }, rich(tile.value), tile.unit ? element("small", {}, " ", rich(tile.unit)) : null),
          element("p", { class: "consequence" }, rich(tile.consequence)),
          tile.baseline ? element("p", { class: "baseline" }, "naive guess: ", rich(tile.baseline)) : null,
          this.measured[i],
        );
        node.style.setProperty("--edge", edgeOf(tile));
        return node;
      });
    });
  }

  /** @param {Assumption[]} assumptions */
  #showAssumptions(assumptions) {
    this.assumptions.hidden = !assumptions.length;
    const open = this.assumptions.querySelector("details")?.open ?? false;
    fill(this.assumptions, assumptions, () => {
      const held = assumptions.filter((one) => one.held);
      const broken = assumptions.filter((one) => !one.held);
      /** @type {HTMLElement[]} */
      const parts = broken.length ? [element("ul", { class: "broken-ones" }, ...broken.map(item))] : [];
      if (held.length) {
        const words = element("span", { class: "line" }, glyph("held"), ` ${holding(held.length, broken.length)} `, element("span", { class: "link" }, "list"));
        const list = element("ul", {}, ...held.map(item));
        const label = `${holding(held.length, broken.length)}: list of ${counted(held.length, "assumption")}`;
        parts.push(element("details", { open }, element("summary", { "aria-label": label }, words), list));
      }
      return parts;
    });
  }

  /** @param {Judgement} judgement */
  judge({ tiles }) {
    tiles.forEach((tile, i) => {
      const line = this.measured[i];
      if (tile && line) fill(line, tile, () => [verdictMark(tile.verdict, measuredAs(tile.measured_text))]);
    });
  }

  /**
   * Numbers measured anew with every row, with as many decimals as the predicted ones.
   * @param {Moment} moment
   */
  follow({ stores, rows }) {
    this.shown.forEach(({ column, value }, i) => {
      if (!column) return;
      const found = rows ? stores[0].value(column, rows - 1) : NaN;
      const decimals = value.split(".")[1]?.length ?? 0;
      const text = Number.isFinite(found) ? fixed(found, decimals) : "\u2013";
      fill(this.measured[i], text, () => [measuredAs(text)]);
    });
  }

  unjudge() {
    for (const line of this.measured) fill(line, null, () => []);
  }
}
