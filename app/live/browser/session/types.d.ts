// What the parts of a session tell each other, and what a session tells the page.

import type { Answer, Asked, Column, Header, JudgedClaim, Judgement, Queue, Sent, SnapshotHead, Stage, Status, View } from "./messages.js";
import type { Store } from "./frames.js";

/** One binary frame, taken apart. */
export interface Frame {
  header: Header;
  columns: Record<Column, Numbers>;
  snapshots: Snapshot[];
}

export type Numbers = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** An array of numbers at one step, row by row. */
export interface Snapshot extends SnapshotHead {
  values: Float32Array;
}

/** What the server says of a job; "loading" is the browser's word for a prediction under way. */
export interface JobStatus {
  state: Exclude<Stage, "predicting"> | "loading";
  message: string;
  progress: number;
  stoppedAt: number | null;
  queue: Queue | null;
}

/** How long a job has been waited for, while another one is still in view. */
export interface Awaited {
  since: number;
  progress: number;
  queue: Queue | null;
}

/** A run that is over, as the shelf keeps it. */
export interface PinnedRun {
  /** SHA-256 of its prediction. */
  hash: string;
  claims: JudgedClaim[];
  /** Its curves, and what multiplies their times on each time axis, by panel. */
  panels: Record<string, { lines: PinnedLine[]; factors: Record<string, number> }>;
}

/** One curve; null where it has a gap. */
export interface PinnedLine {
  x: (number | null)[];
  y: (number | null)[];
  xaxis?: string;
  yaxis?: string;
  connectgaps?: boolean;
}

/** What the panels draw. */
export interface Moment {
  /** One for each of the settings drawn together. */
  stores: Store[];
  rows: number;
  complete: boolean;
  time: number;
  cursorTime: number;
  cursorStep: number;
  moving: boolean;
  /** Whether the cursor is shown. */
  cursor: boolean;
  /** Another one where something else is to be drawn. */
  key: string;
}

/** What a session tells the page, and carries through it to Python. */
export interface SessionPage {
  newJob(): void;
  view(view: View): void;
  /** Does something once what is drawn now has been painted. */
  painted(work: () => void): void;
  changed(): void;
  moving(): void;
  judged(judgement: Judgement): void;
  /** The job is not known any more; `broke` if the connection had broken before. */
  gone(broke: boolean): void;
  speak(words: string): void;
  lost(token: string): void;
  refused(token: string): void;
  /** What the server says of a job, whichever is in view. */
  heard(news: Status): void;
  fallback(): void;
  send(payload: Sent): void;
  /** Does something when Python may be told something. */
  whenIdle(work: () => void): void;
}

/** The way to a job: a channel to the server, or a recording. */
export interface Way {
  /** Begins; nothing is heard before. */
  start(): void;
  readonly open: boolean;
  /** Whether Python carries the messages. */
  readonly polled: boolean;
  send(message: Asked): void;
  /** Another token, on the same way. */
  turnTo(token: string): void;
  close(): void;
}

/** What a channel hears from the server. */
export interface ChannelHandlers {
  text(message: Answer): void;
  frame(buffer: ArrayBuffer): void;
  open(): void;
  /** Reconnecting. */
  broken(): void;
  /** The token is not known; `broke` if the connection had broken before. */
  lost(broke: boolean): void;
  /** No WebSocket has ever opened. */
  fallback(): void;
}

/** What polling hears from Python. */
export type PollingHandlers = Pick<ChannelHandlers, "text" | "frame" | "open">;

export type Numbered = Asked & { n: number };
