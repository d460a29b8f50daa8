// What a room's browsers and its server tell each other, as app/room/messages.py and socket.py write and read it.

import type { Html, Status, View } from "../session/messages.js";
import type { Palettes } from "../session/page.js";

export type Phase = "preparing" | "asking" | "running" | "ended";

/** The room as it is now; walls hear more of it. */
export interface Room {
  type: "room";
  code: string;
  title: string;
  /** The question that is shown, among all that the room has had. */
  at: number;
  /** The same among those that are to be gone through, counted from one. */
  place: number;
  count: number;
  phase: Phase;
  /** The run is pressed, and still being computed. */
  awaited: boolean;
  students: number;
  guesses: number;
  /** Seconds. */
  ends_in: number;
  questions?: Listed[];
  /** Addresses where phones join. */
  join?: string[];
  /** Why there are none. */
  hint?: string;
}

/** A question on the lecturer's list. */
export interface Listed {
  title: string;
  experiment: string;
  asks: string;
  state: "waiting" | "computing" | "ready" | "failed";
  shown: boolean;
  ran: boolean;
  guesses: number;
  words: string;
  left_out: boolean;
}

/** The picture before the run, without theory. */
export interface Posed {
  type: "question";
  at: number;
  view: View;
  status: Status;
  about: { question: string; title: string; settings: Html };
  /** The guess that the server has of this student. */
  yours: string | null;
}

/** Who this student is. */
export interface Joined {
  type: "joined";
  key: string;
  number: number;
  colour: string;
}

/** A guess as the server wrote it down. */
export interface Taken {
  type: "taken";
  at: number;
  guess: string;
}

export type Guessed = [number: number, guess: string];

export interface Guesses {
  type: "guesses";
  at: number;
  all: Guessed[];
  /** Whether these replace all that were told before. */
  whole: boolean;
}

/** The run begins to play in so many seconds; below zero where it has begun. */
export interface Start {
  type: "start";
  at: number;
  run: string;
  in: number;
}

export type Result = [number: number, guess: string, distance: number | null];

export interface Results {
  type: "results";
  at: number;
  /** Nearest first; walls are told of all, phones of the nearest. */
  all: Result[];
  /** How many guesses have a rank. */
  of: number;
  rank?: number | null;
}

export interface Opened {
  type: "opened";
}

export interface Refused {
  type: "refused";
  words: string;
}

export interface Ended {
  type: "ended";
  words: string;
}

export type Told = Room | Posed | Joined | Taken | Guesses | Start | Results | Opened | Refused | Ended;

export type Said =
  | { type: "join"; key: string | null }
  | { type: "wall"; secret: string; address: string }
  | { type: "guess"; question: number; guess: string }
  | { type: "question"; to: number }
  | { type: "leave_out"; at: number }
  | { type: "ask"; link: string }
  | { type: "run" | "end" };

/** What a document says of its page: app/room/pages.py. */
export interface Given {
  code: string;
  palette: Palettes;
  /** The colours that students' numbers go through. */
  colours: string[];
  words?: string;
  menu?: Menu[];
}

/** A phenomenon on the lecturer's menu. */
export interface Menu {
  title: string;
  experiments: { title: string; question: string; own: Choice; presets: Choice[] }[];
}

export interface Choice {
  title: string;
  link: string;
}
