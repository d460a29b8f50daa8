// The words at the right of the heading: what is waited for, or what the run is doing.

/** @import { Panels } from "../panels/panels.js" */
/** @import { Queue } from "../session/messages.js" */
/** @import { Session } from "../session/session.js" */
/** @import { Prediction } from "./prediction.js" */

const MINUTES_FROM_S = 120;

/** @param {number} seconds */
function about(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  return whole < MINUTES_FROM_S ? `about ${whole} s` : `about ${Math.round(whole / 60)} min`;
}

/**
 * "number 3 in line, about 12 s"; `what` says what comes then.
 * @param {Queue} queue
 */
export function inLine({ place, wait }, what = "") {
  return `number ${place} in line, ${what ? `${what} in ` : ""}${about(wait)}`;
}

/** Chooses the words of a session's state. */
export class Status {
  /**
   * @param {Session} session
   * @param {{ prediction: Prediction, panels: Panels, speak: (words: string) => void }} parts
   */
  constructor(session, { prediction, panels, speak }) {
    this.session = session;
    this.prediction = prediction;
    this.panels = panels;
    this.speak = speak;
    this.queued = false;
  }

  show() {
    const { session, prediction } = this;
    const { state, job } = session;
    const queue = this.#queue(state);
    if (session.broken) prediction.setStatus(session.link, { tone: "departs" });
    else if (session.token && state === "loading") this.#showWaiting(queue);
    else if (state === "running") prediction.setStatus(this.#running(queue), { tone: "accent" });
    else if (state === "paused") {
      prediction.setStatus(job.hiddenPause ? "paused while this tab was hidden" : "paused", { tone: "accent" });
    } else if (job.judged && job.judgement) prediction.judge(job.judgement);
    else prediction.setStatus(session.link);
    this.#sayOnce(queue);
  }

  /**
   * The place in line of what is waited for, if it is known.
   * @param {string} state
   */
  #queue(state) {
    const { session } = this;
    if (session.fresh) return session.awaited.queue;
    const waits = state === "loading" || (state === "running" && !session.job.store.rows);
    return waits ? session.job.status.queue : null;
  }

  /** @param {Queue | null} queue */
  #running(queue) {
    if (queue) return `running; ${inLine(queue, "first curve")}`;
    const seeds = this.session.job.view?.seeds ?? 1;
    return seeds > 1 ? `running, all ${seeds} seeds` : "running";
  }

  /** @param {Queue | null} queue */
  #showWaiting(queue) {
    const { session, prediction } = this;
    const { job } = session;
    const { since, progress } = session.fresh ? session.awaited : { since: job.since, progress: job.status.progress };
    const seconds = Math.floor((performance.now() - since) / 1000);
    const words = queue ? inLine(queue) : `computing the prediction${seconds < 1 ? "" : `, ${seconds} s`}`;
    if (!job.view) this.panels.wait(words);
    if (seconds < 1 && !queue) {
      if (!job.judged) prediction.setStatus("");
      return;
    }
    const partial = !session.fresh && job.view !== null;
    prediction.setStatus(words, {
      progress,
      cancel: () => session.cancel(),
      hurry: partial ? () => session.run() : null,
    });
  }

  /** @param {Queue | null} queue */
  #sayOnce(queue) {
    if (queue && !this.queued) this.speak(inLine(queue));
    this.queued = Boolean(queue);
  }
}
