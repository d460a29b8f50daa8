// What the live part tells the page's Python, each thing once, and what it asks of it.

/** @import { Status as News } from "./messages.js" */
/** @import { Page } from "./page.js" */
/** @import { Turns } from "./turns.js" */

/** @typedef {(name: string, value: unknown) => void} Tell */

/** @typedef {{ value: string | boolean, n: number }} Asking */

const MOST_MS = 15_000;

/** Python's side of a mounted part. */
export class Python {
  /**
   * @param {Turns} turns
   * @param {{ setStateValue: Tell, setTriggerValue: Tell }} component
   */
  constructor(turns, component) {
    this.turns = turns;
    this.component = component;
    /** The awaited job that Python was told has come: @type {string | null} */
    this.arrivedToken = null;
    this.saidJudged = 0;
    /** It waits to be said. */
    this.sayingJudged = false;
    /** What Python was told once and need not hear again: @type {{ renewed?: number, costed?: string }} */
    this.told = {};
    /** The number of what was last asked, and when; 0 before anything was. */
    this.asking = 0;
    this.askedAt = -Infinity;
  }

  /** @param {unknown} payload */
  send(payload) {
    this.component.setTriggerValue("send", payload);
  }

  /**
   * @param {"lost" | "arrived" | "renewed" | "costed" | "judged" | "fallback"} name
   * @param {unknown} value
   */
  tell(name, value) {
    this.turns.whenIdle(() => this.component.setStateValue(name, value));
  }

  /**
   * What is set changes with the turn this begins. Askings are numbered on, also by a part mounted anew.
   * @param {"preset" | "beside" | "pin" | "unpin" | "run_pin"} name
   * @param {string | boolean} value
   */
  ask(name, value) {
    this.turns.asked();
    this.asking = Math.max(Date.now(), this.asking + 1);
    this.askedAt = performance.now();
    this.component.setTriggerValue(name, /** @type {Asking} */ ({ value, n: this.asking }));
  }

  /**
   * Whether what Python says is set is from before the last asking, as of a turn that was under way then.
   * @param {Page} given
   */
  outdated({ heard }) {
    return this.asking > 0 && heard !== this.asking && performance.now() - this.askedAt < MOST_MS;
  }

  /** @param {string | null} token */
  arrived(token) {
    if (token === this.arrivedToken) return;
    this.arrivedToken = token;
    this.tell("arrived", token);
  }

  /**
   * A stop of a tour says what has happened; Python is told until it says that it knows.
   * @param {Page} given
   * @param {string | null} token the job as Python named it, whatever the server has led on to
   */
  judged({ toured }, token) {
    if (!toured || toured.judged === token || this.sayingJudged) return;
    this.sayingJudged = true;
    this.turns.whenIdle(() => {
      this.sayingJudged = false;
      // The same value said again would not reach it: Streamlit sends what has changed.
      this.component.setStateValue("judged", { token, n: (this.saidJudged += 1) });
    });
  }

  /**
   * The page is drawn again once its experiment's file was saved, or the cost of a run is known.
   * @param {News} news
   * @param {Page} given
   * @param {string | null} asked the job whose cost the page waits for
   */
  heard({ revision, cost }, given, asked) {
    const { told } = this;
    if (revision > (given.revision ?? revision) && told.renewed !== revision) {
      told.renewed = revision;
      this.tell("renewed", revision);
    }
    if (given.uncosted && typeof cost.seconds === "number" && asked !== null && told.costed !== asked) {
      told.costed = asked;
      this.tell("costed", asked);
    }
  }
}
