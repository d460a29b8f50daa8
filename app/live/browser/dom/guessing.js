// Guess first: theory is kept back until the reader has put a guess into the picture and the run has ended.

import { compared, guessOf, guessText } from "../session/guess.js";
import { GuessLayer } from "../panels/guess_layer.js";
import { brief, element, rich, say } from "./words.js";

/** @import { Panels } from "../panels/panels.js" */
/** @import { Guess } from "../session/guess.js" */
/** @import { Answered, Question, View } from "../session/messages.js" */
/** @import { Address } from "./address.js" */

/** What a link says where a guess is still to be made. */
const FIRST = "first";
/** What it says where theory is to be kept back, and what to guess is asked elsewhere, in words. */
const IN_WORDS = "words";
const OUTSIDE = "The guess in the link is no number that fits here: make it anew.";

/** The question above the picture, the guess in it, and what came of it. */
export class Guessing {
  /**
   * @param {object} parts
   * @param {Pick<Address, "read" | "write">} parts.address
   * @param {Panels} parts.panels
   * @param {boolean} parts.led whether somebody else begins the run
   * @param {() => void} parts.changed
   * @param {(words: string) => void} parts.speak
   */
  constructor({ address, panels, led, changed, speak }) {
    this.address = address;
    this.panels = panels;
    this.led = led;
    this.changed = changed;
    this.speak = speak;
    const said = address.read("guess");
    this.on = said !== null;
    /** The guess of the link, until it is known what is asked. */
    this.said = said === FIRST || said === IN_WORDS ? null : said;
    /** Whether nothing is to be drawn. */
    this.inWords = said === IN_WORDS;
    /** Whether the link asks for a guess, whatever the reader would have. */
    this.required = false;
    /** @type {Question | null} */
    this.asked = null;
    /** @type {Guess | null} */
    this.guess = null;
    /** @type {Answered | null} */
    this.answered = null;
    /** What is wrong with a guess that a link brought. */
    this.trouble = "";
    /** How far off the guess was: @type {number | null} */
    this.error = null;
    /** @type {GuessLayer | null} */
    this.layer = null;
    this.question = element("strong", {});
    this.words = element("span", {});
    this.node = element("p", { class: "guess-line", role: "status" }, this.question, " ", this.words);
  }

  /** Whether theory is to be kept back now. */
  get hides() {
    return this.on && (this.inWords || this.asked !== null) && !this.answered;
  }

  /** Whether it cannot be turned off now. */
  get must() {
    return this.required && this.hides;
  }

  /** What the reader has to do before the run; "" if nothing. */
  get needs() {
    return this.hides && !this.inWords && this.guess === null ? "Put your guess into the picture first; then run." : "";
  }

  /** The guess as a link and a file keep it; "" where there is none. */
  get text() {
    return this.on && this.guess !== null ? guessText(this.guess) : "";
  }

  /** @param {View} view */
  show({ asked }) {
    const same = JSON.stringify(asked) === JSON.stringify(this.asked);
    this.asked = asked;
    if (asked && this.said !== null) this.#take(asked);
    else if (!asked || (!same && !this.#fits(asked))) this.guess = null;
    this.#place();
  }

  /** @param {Question} asked */
  #take(asked) {
    if (this.said === null) return;
    this.guess = guessOf(this.said, asked.kind);
    this.trouble = this.guess === null ? OUTSIDE : "";
    this.said = null;
  }

  /**
   * Whether the guess is of the kind that is asked.
   * @param {Question} asked
   */
  #fits({ kind }) {
    return (kind === "curve") === (typeof this.guess !== "number");
  }

  /**
   * Whether a guess has to come before the run.
   * @param {boolean} required
   */
  require(required) {
    if (required === this.required) return;
    this.required = required;
    if (!required) return;
    this.on = true;
    this.inWords = false;
    this.#place();
  }

  /** Turns it on or off; a guess that was made stays until then. */
  toggle() {
    if (!this.asked) return;
    if (this.must) return this.speak("This link asks for a guess before the run.");
    this.on = !this.on || this.inWords;
    this.inWords = false;
    if (!this.on) this.guess = null;
    this.#write();
    this.#place();
    this.speak(this.on ? `theory is hidden. ${this.question.textContent} ${this.layer?.way ?? ""}` : "theory is shown");
    this.changed();
  }

  /**
   * What is kept elsewhere takes the place of what was put in here.
   * @param {string | null} text
   */
  put(text) {
    this.said = text;
    this.guess = null;
    if (this.asked) this.#take(this.asked);
    this.#place();
  }

  /** Other settings are asked for: what was guessed of the last ones says nothing of them. */
  forget() {
    if (!this.on || this.inWords || this.said !== null) return;
    this.guess = null;
    this.#write();
    this.layer?.set(null);
    this.#tell();
  }

  /** Settings are run, again or for the first time; who has left the tour is asked nothing in words. */
  unjudge() {
    if (this.inWords) this.on = this.address.read("guess") !== null;
    this.answered = this.error = null;
    this.#tell();
  }

  /**
   * @param {Answered | null} answered
   */
  judge(answered) {
    if (!this.hides) return;
    this.answered = answered ?? { theory: null, run: null, theory_text: "", run_text: "" };
    this.#tell();
  }

  /** The line and the drawing belong to the panel that the guess is put into. */
  #place() {
    const { asked, panels } = this;
    const panel = this.on && asked && !this.inWords ? panels.panels.find(({ spec }) => spec.id === asked.panel) : undefined;
    if (!panel || !asked) {
      this.layer?.leave();
      this.layer = null;
      this.node.remove();
      return;
    }
    if (this.layer?.panel !== panel || this.layer.asked.kind !== asked.kind) {
      this.layer?.leave();
      this.layer = new GuessLayer(panel, asked, (guess) => this.#guessed(guess));
      panel.drawing.before(this.node);
      if (this.address.read("hero") === null) panels.lead(asked.panel);
    }
    this.layer.asked = asked;
    this.layer.set(this.guess);
    this.#tell();
  }

  /** @param {Guess} guess */
  #guessed(guess) {
    this.guess = guess;
    this.trouble = "";
    this.#write();
    this.#tell();
  }

  #write() {
    this.address.write("guess", this.on ? this.text || FIRST : null);
  }

  #tell() {
    const { asked, answered, guess, layer } = this;
    if (!asked || !layer) return;
    layer.setOpen(!answered);
    this.node.dataset.guess = answered ? "judged" : guess === null ? "asked" : "given";
    if (this.question.dataset.words !== asked.words) this.question.replaceChildren(rich(asked.words));
    this.question.dataset.words = asked.words;
    if (!answered) {
      const made = typeof guess === "number" ? `Your guess: ${brief(guess)}.` : "Your curve is in.";
      const [then, now] = this.led ? [".", ""] : ["; then run.", " Now run."];
      say(this.words, this.trouble || (guess === null ? `${layer.way}${then}` : `${made}${now}`));
      return;
    }
    const { words, error } = guess === null ? { words: "no guess was made", error: null } : compared(asked, answered, guess);
    this.error = error;
    const sentence = `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
    if (this.words.textContent !== sentence) this.speak(sentence);
    say(this.words, sentence);
  }
}
