// Every message between a browser and the server, as app/live/messages and app/live/server write and
// read them; tests/app/live/browser/test_messages.py holds real messages against these fields.

import type { Figure, Range } from "../panels/plotly.js";

// --- Before the run: app/live/messages/view.py -------------------------------------------------

/** The prediction, all of it or as much as is computed; each view replaces the one before it. */
export interface View {
  type: "view";
  panels: Panel[];
  tiles: Tile[];
  events: Happening[];
  legend: LegendEntry[];
  /** What a reader may be asked to guess before theory is shown. */
  asked: Question | null;
  /** Queries of the runs behind the cells of a map, in the order of its grid. */
  links: string[];
  rows_total: number;
  complete: boolean;
  progress: number;
  clock: Clock;
  assumptions: Assumption[];
  warnings: Warning[];
  claims: Claim[];
  falsifier: Html;
  /** SHA-256 of the prediction; empty until it is frozen. */
  hash: string;
  /** The name of files that are saved from the page, without its ending. */
  stem: string;
  provenance: string;
  seeds: number;
  cost: Cost;
  device: string;
  dtype: string;
  duration_steps: number;
}

/** A question to the reader; nothing in it tells the answer. */
export interface Question {
  /** A moment on the time axis, a height, or a whole curve. */
  kind: "time" | "level" | "curve";
  /** The panel that the guess is put into. */
  panel: string;
  words: Html;
  /** Where curves are compared, evenly along the panel's time axis. */
  places: number[];
  /** Which axes count in decades. */
  log_x: boolean;
  log_y: boolean;
  /** What the vertical axis spans, so counted. */
  height: number;
}

/** What theory and the run say to it: a number, or a curve at the places. */
export interface Answered {
  theory: number | (number | null)[] | null;
  run: number | (number | null)[] | null;
  theory_text: string;
  run_text: string;
}

/** Text with inline markup. */
export type Html = string;

/** A column of the run's records, "time", "step" or "c0", "c1" ...; or a snapshot, "s0", "s1" ... */
export type Column = string;

export type Scale = "linear" | "log";

/** A figure, and which of its traces the run fills. */
export interface Panel {
  id: string;
  title: Html;
  symbol: Html;
  /** Whether the reader may choose between a linear and a logarithmic y axis. */
  toggle: boolean;
  alt: Html;
  note: Html;
  height_units: number;
  traces: Binding[];
  figure: Figure;
  /** Whether a click on a cell of its map opens the run behind it. */
  cells: boolean;
  /** Whether it is a solid picture that can be turned. */
  turns: boolean;
  /** Whether its lines are broken, and its table has a row for every piece. */
  pieces: boolean;
  /** The y axes of the two scales. */
  axes?: Record<Scale, Axis>;
  /** The time axes to choose from, by the words that name them. */
  times?: Record<string, TimeAxis>;
  /** Words in place of the curves before there are any. */
  empty?: Html;
}

/** An x or y axis whose range is fixed before the run. */
export interface Axis {
  type: Scale;
  range: Range;
  autorange: boolean;
  dtick?: number;
  exponentformat?: string;
  title?: Title;
}

export interface Title {
  text: string;
}

export interface TimeAxis {
  axis: Axis;
  /** What the times of each setting are multiplied by. */
  factors: number[];
}

/** The columns that fill a trace. */
export interface Binding {
  trace: number;
  x: Column | null;
  y: Column | null;
  z: Column | null;
  /** Towards the reader, where the picture can be turned. */
  depth: Column | null;
  /** What the hover box says of a point beyond its place. */
  said: Said[];
  /** Whole numbers that choose a dot's colour and outline from the trace's own. */
  marks: Column | null;
  /** All records so far, or what is under the cursor. */
  at: "records" | "scrub";
  /** Which of the settings drawn together. */
  source: number;
}

/** A number of every point, or the words that it counts. */
export interface Said {
  column: Column;
  words: string[];
}

/** One predicted number. */
export interface Tile {
  symbol: Html;
  words: Html;
  value: string;
  unit: Html;
  consequence: Html;
  /** The series whose colour it has. */
  colour: number | null;
  /** What is measured anew with every row. */
  column: Column | null;
  /** What the guess without theory says of it, "0.7" or "never"; "" where there is none. */
  baseline: string;
}

/** A predicted moment on the scrubber. */
export interface Happening {
  symbol: Html;
  time: number;
}

export interface LegendEntry {
  kind: Kind | "compared_theory" | "compared_run";
  words: Html;
  colour: number | null;
  /** What is guessed without theory is shown only when it is asked for. */
  when: "always" | "run" | "asked";
}

/** What a trace shows; empty where it is none of these. */
export type Kind = "theory" | "theory2" | "prediction" | "run" | "band" | "baseline" | "pin";

/** What the columns "time" and "step" count; a word is empty where that clock is not shown. */
export interface Clock {
  end_time: number;
  end_step: number;
  scale: Scale;
  time_word: string;
  step_word: string;
  /** Where a logarithmic clock begins. */
  first_time?: number;
}

export interface Assumption {
  name: string;
  label: Html;
  sentence: Html;
  held: boolean;
}

export interface Warning {
  title: Html;
  text: Html;
}

export interface Claim {
  name: string;
  title: Html;
  symbol: Html;
  predicted_text: string;
  tolerance_text: string;
  unit: Html;
  relies_on: string[];
  /** Why it will not be judged: a guess without theory would land too; "" where it will be. */
  untested: Html;
  /** At how many points of a sweep it will not be judged, and why; "" where it is all or none. */
  partly_untested: Html;
}

/** What a run costs; nothing is known of one that is not prepared. */
export interface Cost {
  steps?: number;
  seeds?: number;
  runs?: number;
  seconds?: number | null;
  memory?: number | null;
}

// --- During the run: app/live/server/job.py, frames.py, route.py -------------------------------

export type Stage = "predicting" | "ready" | "running" | "paused" | "done" | "stopped" | "failed";

export interface Status {
  type: "status";
  state: Stage;
  message: string;
  /** Whether its settings were refused, which nothing that comes later can change. */
  refused: boolean;
  progress: number;
  /** The step at which the loss left the finite range. */
  stopped_at: number | null;
  cost: Cost;
  queue: Queue | null;
  /** How many texts of its experiment's file were seen; 0 where there is none. */
  revision: number;
}

export interface Queue {
  place: number;
  /** Seconds. */
  wait: number;
}

/** The JSON at the head of a binary frame; columns and snapshots follow it in this order. */
export interface Header {
  v: number;
  run: string;
  source: number;
  state: Stage;
  error: string;
  start: number;
  rows: number;
  columns: Column[];
  snapshots: SnapshotHead[];
}

export interface SnapshotHead {
  k: number;
  step: number;
  name: Column;
  shape: number[];
}

/** Another job has taken this one's place; with `stay` it is sent over the same socket. */
export interface Moved {
  type: "moved";
  token: string;
  stay: boolean;
}

/** A knob that was told of leads to no other job: it is refused, or Python was first. */
export interface Unmoved {
  type: "unmoved";
}

/** In place of a close code, where Python carries the messages: the job is not known. */
export interface Gone {
  type: "gone";
}

// --- After the run: app/live/messages/judgement.py ---------------------------------------------

export interface Judgement {
  type: "judgement";
  headline: Html;
  claims: JudgedClaim[];
  /** One for each tile of the view. */
  tiles: (JudgedTile | null)[];
  /** Axes that the run has left. */
  axes: Extension[];
  falsifier: Html;
  /** Alternative texts, by panel. */
  alts: Record<string, Html>;
  answered: Answered | null;
  /** The claims of the second setting. */
  compared?: JudgedClaim[];
}

export type Verdict = "lands" | "departs" | "surprise" | "not judged";

export interface JudgedClaim {
  name: string;
  title: Html;
  symbol: Html;
  predicted_text: string;
  measured_text: string;
  error_text: string;
  error: number | null;
  tolerance_text: string;
  tolerance: number | null;
  /** What the guess without theory comes to, "naive guess off by 0.2"; "" where there is none. */
  guess_text: string;
  /** 1 - error / error of that guess. */
  skill: number | null;
  unit: Html;
  verdict: Verdict;
  reason: Html;
  /** Where the error is largest. */
  where: Html;
  relies_on?: string[];
  untested?: Html;
  partly_untested?: Html;
}

export interface JudgedTile {
  measured_text: string;
  verdict: Verdict;
}

export interface Extension {
  panel: string;
  axis: "x" | "y";
  range: Range;
}

export type Answer = View | Status | Moved | Unmoved | Gone | Judgement;

// --- From the browser: handle_message in app/live/server/route.py ------------------------------

/** What is held already, for each of the settings drawn together. */
export interface Hello {
  type: "hello";
  view: boolean;
  rows: number[];
  snapshots: number[];
}

/** What is held of one setting; the next frame begins there. */
export interface Ack {
  type: "ack";
  run: string;
  source: number;
  rows: number;
  snapshots: number;
  head: number;
}

/** The reader is there, and has been shown that many rows. */
export interface Touch {
  type: "touch";
  head: number;
}

/** Rows a second; null is as fast as they come. */
export interface Pace {
  type: "pace";
  rows_per_second: number | null;
}

/** The picture of a new job is on the screen. */
export interface Painted {
  type: "painted";
  run: string;
}

export interface Press {
  type: "run" | "pause" | "step" | "cancel";
}

/** Of a job that another one has taken the place of meanwhile there is nothing to reset. */
export interface Reset {
  type: "reset";
  run: string;
}

/** The reader has moved a knob, and Python will hear of it too. */
export interface KnobMoved {
  type: "knob";
  knob: string;
  value: string;
}

export type Asked = Hello | Ack | Touch | Pace | Painted | KnobMoved | Press | Reset;

// --- Where Python carries the messages: app/live/component.py ----------------------------------

/** What the component tells Python; messages are numbered, and said again until they are taken. */
export interface Sent {
  token: string;
  viewer: string;
  messages: (Asked & { n: number })[];
}

export interface Reply {
  n: number;
  viewer: string;
  token: string;
  taken: number;
  messages: Answer[];
  /** Base64. */
  frames: string[];
}
