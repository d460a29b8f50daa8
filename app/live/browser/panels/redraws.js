// How often the page is drawn: as the machine can bear it, and not at all once nothing moves.

/** @import { Session } from "../session/session.js" */

const REDRAW_MS = 90;
const REDRAW_CALM_MS = 500;

/** Moves a session's clock frame by frame, and has its moments drawn. */
export class Redraws {
  /**
   * @param {Session} session
   * @param {MediaQueryList} calm whether the reader wants little motion
   * @param {{ isThere: () => boolean, draw: () => void }} page
   */
  constructor(session, calm, page) {
    this.session = session;
    this.calm = calm;
    this.page = page;
    /** @type {number | null} */
    this.request = null;
    this.drawnAt = -Infinity;
    this.cost = 0;
    this.drawnRow = -1;
  }

  /** There is something to draw, or will be. */
  go() {
    this.request ??= requestAnimationFrame((now) => this.#tick(now));
  }

  /** Draws now. */
  draw() {
    this.drawnRow = this.session.playback.row;
    this.page.draw();
  }

  leave() {
    if (this.request !== null) cancelAnimationFrame(this.request);
  }

  /** @param {number} now */
  #tick(now) {
    this.request = null;
    const { session, calm } = this;
    if (!session.job.view || !this.page.isThere()) return;
    const more = session.job.tick(now);
    const interval = calm.matches ? REDRAW_CALM_MS : Math.max(REDRAW_MS, 2 * this.cost);
    const resting = !session.playback.playing && !calm.matches;
    if (resting || now - this.drawnAt >= interval) {
      const began = performance.now();
      this.draw();
      this.drawnAt = now;
      this.cost = performance.now() - began;
    }
    if (this.drawnRow === session.playback.row) session.ended(now);
    if (more || this.drawnRow !== session.playback.row) this.go();
  }
}
