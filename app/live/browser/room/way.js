// The way to the job of a page in a room: the question as it is asked, and its run once that is played for all.

import { Recording } from "../session/recording.js";

/** @import { Asked } from "../session/messages.js" */
/** @import { Recorded } from "../session/recording.js" */
/** @import { ChannelHandlers, Way } from "../session/types.js" */
/** @import { Posed } from "./types.js" */

/** The name of the job in every recording: app/recorded/recording.py. */
export const TOKEN = "recorded";

/**
 * Nothing is asked for on it: what the room shows is said to the page.
 * @implements {Way}
 */
export class RoomWay {
  /** @param {ChannelHandlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    this.open = false;
    this.polled = false;
    /** @type {Recording | null} */
    this.run = null;
    /** Whether the page waits for its first question. */
    this.awaited = true;
  }

  start() {
    this.open = true;
    this.handlers.open();
  }

  /** @param {Asked} message */
  send(message) {
    this.run?.send(message);
  }

  turnTo() {}

  close() {
    this.open = false;
    this.run?.close();
  }

  /** Another question is on its way; the picture of the last one stays until it is here. */
  wait() {
    this.run?.close();
    this.run = null;
    if (!this.awaited) this.handlers.text({ type: "moved", token: TOKEN, stay: true });
    this.awaited = true;
  }

  /** @param {Pick<Posed, "view" | "status">} posed */
  ask({ view, status }) {
    this.wait();
    this.awaited = false;
    this.handlers.text(led(view));
    this.handlers.text(status);
  }

  /**
   * Puts the run into the place of the question; the page plays it as it would a server's.
   * @param {Recorded} recorded
   */
  take(recorded) {
    this.#hold(recorded);
    this.handlers.text(recorded.before);
  }

  /**
   * The run as who comes after its end finds it.
   * @param {Recorded} recorded
   */
  finish(recorded) {
    this.wait();
    this.awaited = false;
    this.#hold(recorded);
    for (const frame of recorded.frames) this.handlers.frame(frame);
    this.handlers.text(recorded.after);
    this.handlers.text(recorded.judgement);
  }

  /** @param {Recorded} recorded */
  #hold(recorded) {
    this.run?.close();
    this.run = new Recording({ ...recorded, view: led(recorded.view) }, TOKEN, this.handlers);
    this.handlers.text(this.run.recorded.view);
  }
}

/**
 * A view that leads out of the room nowhere.
 * @param {Recorded["view"]} view
 */
function led(view) {
  return { ...view, links: [], panels: view.panels.map((panel) => ({ ...panel, cells: false })) };
}
