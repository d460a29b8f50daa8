// A run that nobody watches: it is fetched as a whole, beside the one on the page.

import { pinnedRun } from "./pinned.js";
import { Session } from "./session.js";

/** @import { PinnedRun } from "./types.js" */
/** @import { Supplies } from "../supplies.js" */

const TOUCH_MS = 1000;
const LOST = "The run was lost on its way; press again.";
const NO_SOCKET = "No live connection opens here; open its page and pin it there.";

/** @param {() => void} work */
const atOnce = (work) => work();

/**
 * Runs a job to its end; `done` is told what it showed, or `failed` why it did not. Returns what calls it off.
 * @param {Supplies["connect"]} connect
 * @param {string} token
 * @param {{ done: (run: PinnedRun) => void, failed: (sentence: string) => void }} heard
 */
export function errand(connect, token, { done, failed }) {
  let ended = false;
  /** @param {() => void} tell */
  const end = (tell) => {
    if (ended) return;
    ended = true;
    clearInterval(touching);
    session.leave();
    tell();
  };
  const look = () => {
    const { job } = session;
    if (job.status.state === "failed") end(() => failed(job.status.message));
    if (session.fresh || !job.view || !job.judgement || !job.store.rows) return;
    const { view, store, judgement } = job;
    end(() => done(pinnedRun(view, store, judgement)));
  };
  const nothing = () => {};
  const session = new Session(connect, {
    newJob: nothing, speak: nothing, judged: nothing, heard: nothing, send: nothing,
    view: look, changed: look, moving: look, painted: atOnce, whenIdle: atOnce,
    gone: () => end(() => failed(LOST)), lost: nothing, refused: nothing,
    fallback: () => end(() => failed(NO_SOCKET)),
  });
  const touching = setInterval(() => session.touch(), TOUCH_MS);
  session.playback.pace = "fastest";
  session.follow(token);
  session.run();
  return () => end(nothing);
}
