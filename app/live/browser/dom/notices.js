// Sentences on what went wrong, each with what to do about it.

import { whole } from "./words.js";

/** @import { JobStatus } from "../session/types.js" */
/** @import { Session } from "../session/session.js" */

export const RESTARTED = "The server was restarted: press Run again.";
export const UNREACHABLE = "The server cannot be reached; try again.";
const NO_LONGER_HERE = "The server no longer has this run: press Run again.";
const NOT_YET = "The prediction is still being computed; its files come with it.";
const FAILED = "the run failed; change a knob or press Reset";

/**
 * Why the server has no files of the job on the page.
 * @param {Session} session
 * @param {boolean} restarted
 */
export function whyMissing(session, restarted) {
  if (session.fresh) return NOT_YET;
  return session.gone === session.token && !restarted ? NO_LONGER_HERE : RESTARTED;
}

/**
 * Why a run is at an end before its time.
 * @param {JobStatus} status
 */
export function whyStopped({ state, message, stoppedAt }) {
  if (message) return message;
  if (state !== "stopped") return FAILED;
  return `stopped at step ${whole(stoppedAt ?? 0)}: the loss left the finite range; the curves up to there are kept`;
}
