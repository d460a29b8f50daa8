// The picture of a room's question: a live page that plays what the room says, on a phone as on the wall.

import { LivePage } from "../live_page.js";
import { taken, unzipped } from "../session/recording.js";
import { SERVER } from "../supplies.js";
import { Held } from "./held.js";
import { RoomWay, TOKEN } from "./way.js";

/** @import { Recorded } from "../session/recording.js" */
/** @import { Palettes } from "../session/page.js" */
/** @import { Posed } from "./types.js" */

/** As long as a run plays at its usual pace: who comes later finds it at its end. */
const PLAYED_S = 8;
const TRIES = 6;
const PATIENCE_MS = 800;
const dark = matchMedia("(prefers-color-scheme: dark)");

/** @typedef {{ palette: Palettes, projector?: boolean, guesses: boolean, guessed?: (text: string) => void, judged: () => void }} PictureParts */

/** Mounted once; questions and runs follow each other in it. */
export class Picture {
  /**
   * @param {HTMLElement} host
   * @param {PictureParts} parts `guesses`: whether a guess is put in here
   */
  constructor(host, { palette, projector = false, guesses, guessed = () => {}, judged }) {
    this.host = host;
    this.first = guesses ? "first" : "words";
    this.held = new Held(this.first, guessed);
    /** @type {RoomWay | null} */
    this.way = null;
    /** The run that is played, or is to be: @type {string | null} */
    this.run = null;
    /** @type {number | undefined} */
    this.timer = undefined;
    host.addEventListener("judged", judged);
    const component = {
      parentElement: host.attachShadow({ mode: "open" }),
      data: { token: TOKEN, page: { palette, projector } },
      setStateValue: () => {},
      setTriggerValue: () => {},
    };
    this.page = new LivePage(component, () => {}, {
      ...SERVER,
      address: () => this.held,
      connect: (_, handlers) => (this.way = new RoomWay(handlers)),
      // What is put in first gives way to what is put in after it, and these rules are the stronger.
      style: (shadow) => Promise.all([SERVER.style(shadow, ["room/picture.css"]), SERVER.style(shadow)]),
      file: () => null,
      led: true,
    });
    this.page.receive(component);
    dark.addEventListener("change", () => this.page.receive(component));
  }

  /** What is asked in the question that is shown. */
  get asked() {
    return this.page.guessing.asked;
  }

  /** The panel that guesses are put into, or the large one where nothing is asked. */
  get panel() {
    const { panels } = this.page.panels;
    return panels.find(({ spec }) => spec.id === this.asked?.panel) ?? panels[0] ?? null;
  }

  /** The verdicts in one sentence, as HTML; "" where nothing is judged. */
  get headline() {
    return this.page.session.job.judgement?.headline ?? "";
  }

  /** Another question is being prepared. */
  wait() {
    this.#forget();
    this.way?.wait();
  }

  /** @param {Posed} posed */
  ask(posed) {
    this.#forget();
    this.held.values.set("guess", this.first);
    this.way?.ask(posed);
    if (this.asked) this.page.panels.lead(this.asked.panel);
    this.put(posed.yours);
  }

  /**
   * A guess that is kept elsewhere.
   * @param {string | null} text
   */
  put(text) {
    if (this.first === "first") this.page.guessing.put(text);
  }

  #forget() {
    clearTimeout(this.timer);
    this.run = null;
  }

  /**
   * Fetches a run and plays it, with all others, in so many seconds; shows its end where it has been played.
   * @param {URL} address
   * @param {number} seconds from now on
   * @returns {Promise<boolean>} whether it will be played; where not, it may be tried again
   */
  async play(address, seconds) {
    const begins = performance.now() + 1000 * seconds;
    const run = address.href;
    if (this.run === run) return true;
    this.#forget();
    this.run = run;
    const recorded = await this.#fetched(address);
    if (this.run !== run) return true;
    if (!recorded) {
      this.run = null;
      return false;
    }
    const wait = begins - performance.now();
    if (wait < -1000 * PLAYED_S) this.way?.finish(recorded);
    else this.timer = setTimeout(() => this.#begin(recorded), Math.max(0, wait));
    return true;
  }

  /** @param {Recorded} recorded */
  #begin(recorded) {
    this.way?.take(recorded);
    this.page.session.run();
  }

  /**
   * @param {URL} address
   * @returns {Promise<Recorded | null>}
   */
  async #fetched(address) {
    for (let i = 1; ; i += 1) {
      try {
        const answer = await fetch(address);
        if (answer.ok) return taken(await unzipped(await answer.arrayBuffer())).recorded;
      } catch {
        // The network is away, which it may be for a moment.
      }
      if (i === TRIES || this.run !== address.href) return null;
      await new Promise((later) => setTimeout(later, PATIENCE_MS * i));
    }
  }
}
