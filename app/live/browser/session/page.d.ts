// What Python gives the component at a mount: app/page/experiment.py.

import type { Reply } from "./messages.js";

/** The data of one mount. */
export interface Given {
  token?: string | null;
  /** What draws it, where that is not live.js. */
  module?: string;
  page?: Page;
  reply?: Reply | null;
}

export interface Page {
  /** Name of the server's process. */
  server?: string;
  palette: Palettes;
  /** The address of the page. */
  name?: string;
  /** Whether type is large. */
  projector?: boolean;
  /** The panels that alone are shown, the large one first; none names all. */
  panels?: string[];
  /** Of a stage that stands alone in another page: the address of its whole page. */
  stage?: { whole: string };
  /** Whether the run waits for a guess. */
  must_guess?: boolean;
  theory?: boolean;
  keep?: Keep;
  address?: Corrections;
  /** Drawn before its settings were prepared. */
  awaiting?: boolean;
  /** Drawn before the cost of a run was known. */
  uncosted?: boolean;
  /** That of the text of its experiment's file. */
  revision?: number;
  presets?: Presets;
  /** The number of the last asking that Python has heard. */
  heard?: number | null;
  shelf?: Shelf;
  /** At a stop of a tour, which says what has happened once the run is judged: the job Python knows to be. */
  toured?: { judged: string | null } | null;
}

/** The pinned runs of a page, and the settings that they are of: app/page/shelf.py. */
export interface Shelf {
  /** The name of the page's own setting; "" where no run of it can be pinned. */
  own: string;
  /** How many there may be. */
  most: number;
  /** Stands for the code that makes its runs. */
  stamp: string;
  /** What the page's own column is called. */
  title: string;
  /** Whether another setting runs beside the page's own. */
  beside: boolean;
  /** What differs: the values of this setting, of the one beside it, and of each pinned one. */
  knobs: { label: string; values: string[] }[];
  pins: { name: string; letter: string; label: string; link: string }[];
  /** The job of a pinned setting that is to be run. */
  running: { name: string; token: string; refused: string } | null;
}

export interface Presets {
  presets: Preset[];
  /** The one whose knobs are set. */
  active: string | null;
  /** What the settings are called where they are those of none. */
  unnamed: string;
  /** What may be run beside it, in words. */
  beside: { title: string; on: boolean } | null;
}

export interface Preset {
  id: string;
  title: string;
  look_for: string;
  kind: "lands" | "departs" | "gpu";
  /** What is run beside it, in words. */
  beside: string;
  /** Why it cannot be picked; "" where it can. */
  locked?: string;
}

export interface Palettes {
  light?: Palette;
  dark?: Palette;
}

/** CSS colours by role. */
export type Palette = Record<string, string>;

export interface Keep {
  permalink?: string;
  python?: string;
  command?: string;
  /** The stage alone, for another page: its query, and a title. */
  embed?: { query: string; title: string };
}

/** Values in the address that were refused, and what is drawn in their place. */
export interface Corrections {
  values?: Record<string, string | null>;
}
