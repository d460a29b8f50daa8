// What a page in a room keeps instead of the address bar: the guess, and which picture is large.

/** Has the place of `Address`. */
export class Held {
  /**
   * @param {string} guess what it begins with: "first" to be asked for one, "words" to only keep theory back
   * @param {(text: string) => void} guessed is told of a guess as it is put in; "" where it is taken back
   */
  constructor(guess, guessed) {
    /** @type {Map<string, string>} */
    this.values = new Map([["guess", guess]]);
    this.guessed = guessed;
  }

  correct() {}

  /** @param {string} name */
  read(name) {
    return this.values.get(name) ?? null;
  }

  /**
   * @param {string} name
   * @param {string | null} text
   */
  write(name, text) {
    if (text === null) this.values.delete(name);
    else this.values.set(name, text);
    if (name === "guess") this.guessed(text === null || text === "first" ? "" : text);
  }

  leave() {}
}
