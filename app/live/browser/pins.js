// The pinned runs of a page: which there are, what this tab holds of them, and running those it lacks.

import { Shelf } from "./dom/shelf.js";
import { plain } from "./dom/words.js";
import { errand } from "./session/errand.js";
import { Kept, tabStorage } from "./session/kept.js";
import { pinnedRun } from "./session/pinned.js";

/** @import { View } from "./session/messages.js" */
/** @import { Page, Shelf as Given } from "./session/page.js" */
/** @import { Python } from "./session/python.js" */
/** @import { Session } from "./session/session.js" */
/** @import { Overlaid } from "./panels/types.js" */
/** @import { Supplies } from "./supplies.js" */

const NOT_OVER = "once the run is over";
const NO_RUN = "a sweep is not pinned";

/** No drawing in here but the shelf's own: the page is told when its picture is another. */
export class Pins {
  /**
   * @param {{ session: Session, python: Python, connect: Supplies["connect"], changed: () => void, speak: (words: string) => void }} page
   */
  constructor({ session, python, connect, changed, speak }) {
    this.session = session;
    this.python = python;
    this.connect = connect;
    this.changed = changed;
    this.speak = speak;
    this.kept = new Kept(tabStorage());
    this.shelf = new Shelf({ pin: () => this.pin(), unpin: (name) => this.#unpin(name), runAll: () => this.#runAll() });
    /** @type {Given | null} */
    this.given = null;
    this.title = "";
    /** The settings whose runs are asked for and not here yet. @type {string[]} */
    this.wanted = [];
    /** The job under way: @type {string | null} */
    this.token = null;
    this.sentence = "";
    /** @type {(() => void) | null} */
    this.callOff = null;
  }

  /**
   * What Python says of it.
   * @param {Page} page
   */
  receive({ shelf, name = "", presets }) {
    const before = JSON.stringify(this.given?.pins ?? []);
    this.given = shelf ?? null;
    this.title = presets?.beside?.title ?? "";
    if (!shelf) return;
    this.kept.turnTo(name, shelf.stamp);
    this.#goOn(shelf);
    if (JSON.stringify(shelf.pins) !== before) this.changed();
  }

  /** What is drawn over the picture: the pinned runs that are here, but for the page's own setting.
   * @returns {Overlaid[]}
   */
  get drawn() {
    const { given } = this;
    if (!given?.own) return [];
    return given.pins.flatMap(({ name, letter, label }, stroke) => {
      const run = this.kept.get(name);
      return run ? [{ letter, label, words: plain(label), stroke, run }] : [];
    });
  }

  /** Why this run cannot be pinned now; "" where it can. */
  get #refused() {
    const { session, given } = this;
    if (!given?.own) return NO_RUN;
    if (session.fresh || !session.job.judged || !session.job.judgement) return NOT_OVER;
    if (given.pins.some(({ name }) => name === given.own)) return this.kept.get(given.own) ? "it is pinned" : "";
    return given.pins.length >= given.most ? `at most ${given.most} runs are pinned: take one out` : "";
  }

  /** Pins the run on the page. */
  pin() {
    const { session, given } = this;
    const { view, store, judgement } = session.job;
    if (this.#refused || !given || !view || !judgement) return;
    this.kept.put(given.own, pinnedRun(view, store, judgement));
    this.speak("pinned");
    if (given.pins.some(({ name }) => name === given.own)) this.changed();
    else this.python.ask("pin", given.own);
    this.show();
  }

  /** @param {string} name */
  #unpin(name) {
    this.kept.drop(name);
    this.python.ask("unpin", name);
  }

  #runAll() {
    this.sentence = "";
    this.wanted = (this.given?.pins ?? []).map(({ name }) => name).filter((name) => !this.kept.get(name));
    this.#next();
  }

  /** Asks for the next of them: Python names its job. */
  #next() {
    this.token = null;
    const [name] = this.wanted;
    if (name !== undefined) this.python.ask("run_pin", name);
    this.show();
  }

  /**
   * The job that was asked for is named, or refused.
   * @param {Given} shelf
   */
  #goOn({ running, pins }) {
    this.wanted = this.wanted.filter((name) => pins.some((pin) => pin.name === name));
    const [name] = this.wanted;
    if (!running || running.name !== name || this.token === (running.token || running.refused)) return;
    this.token = running.token || running.refused;
    if (running.refused) {
      this.#end(running.refused);
      return;
    }
    this.callOff = errand(this.connect, running.token, {
      done: (run) => {
        this.kept.put(name, run);
        this.wanted.shift();
        this.changed();
        this.#next();
      },
      failed: (sentence) => this.#end(sentence),
    });
  }

  /** @param {string} sentence */
  #end(sentence) {
    this.sentence = sentence;
    this.wanted = [];
    this.token = null;
    this.show();
  }

  /** The table and the button as they are now. */
  show() {
    const { given, session, title, sentence } = this;
    const { view, judged, judgement } = session.job;
    const why = this.#refused;
    this.shelf.button.hidden = !given;
    this.shelf.allow(why);
    if (!given || !view) return;
    const own = judged && !session.fresh ? (judgement?.claims ?? null) : null;
    const beside = judged && !session.fresh ? (judgement?.compared ?? null) : null;
    this.shelf.show({ given, view, own, beside, title, kept: (name) => this.kept.get(name), running: this.wanted.length > 0, sentence });
  }

  leave() {
    this.callOff?.();
  }
}
