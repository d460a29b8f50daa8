// Run, step and reset, as a reader asks for them.

/** @import { Session } from "../session/session.js" */
/** @import { Bar } from "./bar.js" */
/** @import { Guessing } from "./guessing.js" */

/** What the buttons of the bar do, and the keys that stand for them. */
export class Transport {
  /**
   * @param {object} page
   * @param {Session} page.session
   * @param {Bar} page.bar
   * @param {Guessing} page.guessing
   * @param {() => void} page.goesOn is told that the reader goes on, whatever was before
   * @param {(sentence: string) => void} page.notice
   */
  constructor({ session, bar, guessing, goesOn, notice }) {
    this.session = session;
    this.bar = bar;
    this.guessing = guessing;
    this.goesOn = goesOn;
    this.notice = notice;
  }

  toggle() {
    const { session } = this;
    if (this.bar.run.disabled) return;
    this.goesOn();
    if (this.#mustGuess()) return;
    if (session.state === "running") session.pause();
    else if (session.job.judged && !session.fresh) session.reset({ run: true });
    else session.run();
  }

  step() {
    if (!this.bar.step.disabled && !this.#mustGuess()) this.session.step();
  }

  reset() {
    this.goesOn();
    this.session.reset();
  }

  /** Whether a guess has to be made first, which is said then. */
  #mustGuess() {
    const { needs } = this.guessing;
    this.notice(needs);
    return needs !== "";
  }
}
