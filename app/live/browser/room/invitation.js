// How to join: the address, the code and its picture, large while a class comes in.

import { element, fill } from "../dom/words.js";

/** @import { Room } from "./types.js" */

/** Beside the picture on the wall. */
export class Invitation {
  /**
   * @param {string} code
   * @param {URL} room the address of its page, as this browser has it
   */
  constructor(code, room) {
    this.code = code;
    this.room = room;
    this.node = element("section", { class: "invitation", "aria-label": "join" });
  }

  /** @param {Room} room */
  show({ join = [], hint = "" }) {
    fill(this.node, [join, hint], () => {
      const code = element("p", { class: "code" }, this.code);
      if (!join.length) return [element("p", { class: "hint" }, hint), code];
      const image = new URL(`${this.room.href}/qr.svg`);
      image.searchParams.set("address", join[0]);
      const short = (/** @type {string} */ address) => address.replace(/^https?:\/\//, "").replace(/\/[^/]*$/, "");
      const others = join.slice(1, 3).map((address) => element("span", { class: "other" }, `or ${short(address)}`));
      return [
        element("img", { class: "qr", src: image, alt: `QR code of ${join[0]}`, width: "240", height: "240" }),
        element("p", { class: "where" }, "Join at ", element("b", {}, short(join[0])), ...others),
        code,
      ];
    });
  }

  /**
   * The class is in: its code is enough for who comes late.
   * @param {boolean} small
   */
  shrink(small) {
    this.node.classList.toggle("small", small);
  }
}
