// What a panel knows besides what the server says of it.

import type { Binding, Extension, Html, Panel, Scale } from "../session/messages.js";
import type { Palette } from "../session/page.js";
import type { PinnedRun } from "../session/types.js";
import type { Trace, Values } from "./plotly.js";

export type Mode = "light" | "dark";

/** How everything is drawn. */
export interface Look {
  palette: Palette;
  mode: Mode;
  projector: boolean;
  /** Whether the theory is shown. */
  theory: boolean;
  /** Whether the reader guesses: then no word stands where theory would put it. */
  guessing: boolean;
  /** Whether the guess without theory is. */
  baseline: boolean;
  /** Whether it is pointed at with a finger. */
  coarse: boolean;
  /** The chosen time axis. */
  times: string | null;
  token: string | null;
}

/** A pinned run in a picture: its letter, its name there, and which of the hues it has. */
export interface Overlaid {
  letter: string;
  label: Html;
  /** The name without markup. */
  words: string;
  stroke: number;
  run: PinnedRun;
}

/** A side that a solid picture is seen from, in radians. */
export interface Side {
  azimuth: number;
  height: number;
}

/** A panel as the reader has it. */
export interface Spec extends Panel {
  traces: Bound[];
  /** The chosen y scale; null where there is no choice. */
  scale: Scale | null;
  extension: Extension | null;
  view?: Side;
}

export interface Bound extends Binding {
  /** What is multiplied into its times. */
  factor?: number;
  /** What the trace shows before there is a run. */
  given?: Trace;
  view?: Side;
}

/** The arrays of a trace that are drawn in place of the figure's. */
export interface Arrays {
  x?: Values;
  y?: Values;
  z?: Values | ArrayLike<Values>;
  customdata?: string[][] | string[][][];
  /** Which marks the dots have. */
  marks?: Values;
}

/** What a panel has done by those around it. */
export interface PanelActions {
  save(panel: import("./panel.js").Panel): void;
  /** Opens the run behind a cell of a map, numbered row by row. */
  open(cell: number): void;
  redraw(): void;
  /** Makes this panel the large one. */
  lead(id: string): void;
}
