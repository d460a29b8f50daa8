// Whether the reader is there: a job nobody looks at is not kept going for long.

/** @import { Session } from "./session.js" */

const TOUCH_MS = 1000;
const TOUCH_PLAYING_MS = 250;
const HIDDEN_PAUSE_MS = 3000;

/** Tells the server that the reader is there, and pauses a run that played on in a hidden tab. */
export class Presence {
  /**
   * @param {Session} session
   * @param {{ isBack: () => void, everySecond: () => void }} page
   */
  constructor(session, page) {
    this.session = session;
    this.page = page;
    /** @type {number | null} */
    this.hiddenAt = null;
    this.stop = new AbortController();
    document.addEventListener("visibilitychange", () => this.#visibility(), { signal: this.stop.signal });
    this.timers = [
      setInterval(() => page.everySecond(), TOUCH_MS),
      setInterval(() => session.playback.playing && session.touch(), TOUCH_PLAYING_MS),
    ];
  }

  #visibility() {
    const { session } = this;
    if (document.hidden) {
      this.hiddenAt = performance.now();
      return;
    }
    const away = this.hiddenAt === null ? 0 : performance.now() - this.hiddenAt;
    session.playback.lastTick = null;
    if (session.playback.playing && away > HIDDEN_PAUSE_MS && !session.job.computed) {
      session.job.hiddenPause = true;
      session.pause("paused while this tab was hidden");
    }
    session.touch();
    this.page.isBack();
  }

  leave() {
    this.stop.abort();
    this.timers.forEach((timer) => clearInterval(timer));
  }
}
