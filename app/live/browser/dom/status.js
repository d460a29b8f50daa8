// The words at the right of the heading: what is waited for, or what the run is doing.

const MINUTES_FROM_S = 120;

function about(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  return whole < MINUTES_FROM_S ? `about ${whole} s` : `about ${Math.round(whole / 60)} min`;
}

/** "number 3 in line, about 12 s"; `what` says what comes then. */
export function inLine({ place, wait }, what = "") {
  return `number ${place} in line, ${what ? `${what} in ` : ""}${about(wait)}`;
}

/** Chooses the words of a session's state; `parts` has prediction, panels and speak(words). */
export class Status {
  constructor(session, { prediction, panels, speak }) {
    this.session = session;
    this.prediction = prediction;
    this.panels = panels;
    this.speak = speak;
  }

  show() {
    const { session, prediction } = this;
    const { state } = session;
    const queue = this.#queue(state);
    if (session.broken) prediction.setStatus(session.link, { tone: "departs" });
    else if (session.token && state === "loading") this.#showWaiting(queue);
    else if (state === "running") prediction.setStatus(this.#running(queue), { tone: "accent" });
    else if (state === "paused") {
      prediction.setStatus(session.hiddenPause ? "paused while this tab was hidden" : "paused", { tone: "accent" });
    } else if (session.judged && session.judgement) prediction.judge(session.judgement);
    else prediction.setStatus(session.link);
    this.#sayOnce(queue);
  }

  /** The place in line of what is waited for, if it is known. */
  #queue(state) {
    const { session } = this;
    if (session.fresh) return session.awaited.queue;
    const waits = state === "loading" || (state === "running" && !session.store.rows);
    return waits ? session.job.queue : null;
  }

  #running(queue) {
    if (queue) return `running; ${inLine(queue, "first curve")}`;
    const seeds = this.session.view?.seeds ?? 1;
    return seeds > 1 ? `running, all ${seeds} seeds` : "running";
  }

  #showWaiting(queue) {
    const { session, prediction } = this;
    const { since, progress } = session.fresh ? session.awaited : { since: session.since, progress: session.job.progress };
    const seconds = Math.floor((performance.now() - since) / 1000);
    const words = queue ? inLine(queue) : `computing the prediction${seconds < 1 ? "" : `, ${seconds} s`}`;
    if (!session.view) this.panels.wait(words);
    if (seconds < 1 && !queue) {
      if (!session.judged) prediction.setStatus("");
      return;
    }
    const partial = !session.fresh && Boolean(session.view);
    prediction.setStatus(words, {
      progress: progress ?? 0,
      cancel: () => session.cancel(),
      hurry: partial ? () => session.run() : null,
    });
  }

  #sayOnce(queue) {
    if (queue && !this.queued) this.speak(inLine(queue));
    this.queued = Boolean(queue);
  }
}
