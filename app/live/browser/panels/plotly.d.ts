// What the live part uses of plotly.js: figures as the server sends them, functions, and the parts of
// a drawing that are not its public interface; tests/e2e/test_plotly.py holds the bundle to those.

import type { Kind } from "../session/messages.js";

/** Numbers, as a list or packed; once a figure is unpacked, a list or a typed array. */
export type Values = ArrayLike<number>;

/** Plotly's packed array: base64 of little-endian numbers. */
export interface Packed {
  dtype: string;
  bdata: string;
  /** "rows, columns", where there are several. */
  shape?: string;
}

export type Range = [number, number];

export interface Figure {
  data: Trace[];
  layout: Layout;
}

export interface Trace {
  type?: string;
  mode?: string;
  name?: string;
  x?: Values;
  y?: Values;
  z?: ArrayLike<Values>;
  xaxis?: string;
  yaxis?: string;
  visible?: boolean | "legendonly";
  opacity?: number;
  fill?: string;
  fillcolor?: string;
  connectgaps?: boolean;
  line?: Line;
  marker?: Marker;
  /** What the hover box says of each point, or cell. */
  customdata?: string[][] | string[][][];
  meta?: { kind?: Kind | ""; source?: number; depth?: Values; marks?: Marks };
}

/** The marks that a number chooses among. */
export interface Marks {
  colours: string[];
  symbols: string[];
}

export interface Line {
  color?: string;
  width?: number;
  dash?: string;
  shape?: string;
}

export interface Marker {
  color?: string | Values | string[];
  symbol?: string | string[];
  size?: number | Values;
  opacity?: number;
  line?: Line;
}

export interface Layout {
  xaxis?: LayoutAxis;
  yaxis?: LayoutAxis;
  shapes?: Shape[];
  annotations?: Annotation[];
  margin?: { l?: number; r?: number };
  width?: number;
  height?: number;
  autosize?: boolean;
  dragmode?: string | false;
  uirevision?: string;
}

export interface LayoutAxis {
  type?: string;
  range?: Range;
  autorange?: boolean;
  dtick?: number | string | null;
  tickmode?: string;
  tickvals?: Values | null;
  ticktext?: string[] | null;
  tickformat?: string;
  tickfont?: { size?: number };
  exponentformat?: string;
  title?: { text?: string } | string;
}

/** A line or rectangle over the plot. */
export interface Shape {
  name?: string;
  xref?: string;
  x0: number;
  x1: number;
}

/** Words over the plot. */
export interface Annotation {
  name?: string;
  xref?: string;
  yref?: string;
  x: number | string;
  y: number | string;
  text?: string;
  font?: { size?: number };
  xanchor?: string;
  visible?: boolean;
}

export interface Plotly {
  react(node: HTMLElement, data: Trace[], layout: Layout, config: object): Promise<unknown>;
  restyle(node: HTMLElement, update: object, traces: number[]): Promise<unknown>;
  toImage(figure: Figure, how: object): Promise<string>;
  purge(node: HTMLElement): void;
}

/** An element that holds a drawing; until it does, all of this is missing. */
export interface Drawing extends HTMLDivElement {
  data: Trace[];
  layout: Layout;
  on(event: "plotly_click", listener: (click: Click) => void): void;
  removeAllListeners?(event: string): void;
  /** Private: axes with their places in pixels, and the nodes that each subplot is drawn in. */
  _fullLayout?: FullLayout;
  /** Private: traces with the name that their nodes have as a class. */
  _fullData: { uid?: string }[];
}

export interface Click {
  points: { data: Trace & { x: Values }; pointNumber: [number, number] }[];
}

/** Private: subplots are named by their axes, as "xy" or "x2y2". */
export interface FullLayout {
  xaxis: FullAxis;
  yaxis: FullAxis;
  _plots?: Record<string, { plot?: { node(): Element | null } }>;
  [axis: `${"x" | "y"}axis${string}`]: FullAxis;
}

/** Private: an axis as it is drawn; `d2p` leads from a value to pixels after its offset, `p2d` back. */
export interface FullAxis {
  type: string;
  d2p(value: number): number;
  p2d(pixels: number): number;
  _offset: number;
  _length: number;
}
