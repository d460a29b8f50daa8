// Large type for a room: the page's own rules, and those around it, follow an attribute of the document.

/** @import { Address } from "./address.js" */

const WORD = "projector";

/** Turns it on and off, and lets the address say so. */
export class Projector {
  /** @param {{ address: Pick<Address, "read" | "write">, changed: () => void, speak: (words: string) => void }} page */
  constructor({ address, changed, speak }) {
    this.address = address;
    this.changed = changed;
    this.speak = speak;
    this.on = false;
  }

  /** @param {boolean} on */
  set(on) {
    if (on === this.on) return;
    this.on = on;
    document.documentElement.toggleAttribute("data-projector", on);
    this.changed();
  }

  toggle() {
    this.set(!this.on);
    this.address.write(WORD, this.on ? "1" : null);
    this.speak(this.on ? "large type; P or Escape leaves it" : "usual type");
  }

  /** Back to the usual type; false where it is that already. */
  end() {
    if (!this.on) return false;
    this.toggle();
    return true;
  }

  leave() {
    document.documentElement.removeAttribute("data-projector");
  }
}
