// What the parts around the panels ask of the page.

import type { Panel } from "../panels/panel.js";
import type { Plotly } from "../panels/plotly.js";
import type { Keep, Palette } from "../session/page.js";

export interface BarActions {
  run(): void;
  step(): void;
  reset(): void;
  pace(value: string): void;
  scrub(time: number): void;
  release(): void;
}

export interface PredictionActions {
  seeWhy(event: Event): void;
  /** Another time axis is chosen. */
  times(word: string): void;
  /** The guess without theory is to be shown, or to be hidden again. */
  baseline(): void;
  /** The reader is to guess before theory is shown, or is not any more. */
  guessFirst(): void;
}

export interface PresetActions {
  pick(id: string): void;
  /** The second setting beside the preset's own is to be shown, or to be left out. */
  beside(on: boolean): void;
}

export interface ShelfActions {
  pin(): void;
  unpin(name: string): void;
  runAll(): void;
}

/** Words at the right of the legend. */
export interface StatusOptions {
  tone?: "accent" | "quiet" | "departs";
  progress?: number | null;
  /** What a button does that calls the prediction off, where there is one. */
  cancel?: (() => void) | null;
  /** What a button does that runs without waiting for it. */
  hurry?: (() => void) | null;
}

/** What may be kept, at the moment it is asked for. */
export interface KeepSource {
  keep: Keep;
  /** The reader's guess as a link and a file keep it; "" where there is none. */
  guess: string;
  /** What files are called, without an ending. */
  name: string;
  panels: Panel[];
  Plotly: Plotly | null;
  /** Draws every panel as it is now, also those that are not on screen. */
  settle(): void;
  palette: Palette;
}

export interface KeepPage {
  say(words: string): void;
  fetched(): void;
  /** A file does not come; `reached` if the server has answered. */
  missing(reached: boolean): void;
}

/** A drawing as SVG text. */
export interface Picture {
  text: string;
  width: number;
  height: number;
}
