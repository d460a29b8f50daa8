// A student's phone in a room: the question, the picture with the guess in it, and who was near.

import { element, fill, rich, say, whole } from "../dom/words.js";
import { BASE } from "../supplies.js";
import { RoomChannel } from "./channel.js";
import { chip, colourOf, many, ordinal } from "./people.js";
import { Picture } from "./picture.js";
import { given } from "./given.js";

/** @import { Given, Joined, Posed, Results, Room, Start, Told } from "./types.js" */

const CONNECTING = "connecting to the room";
const BROKEN = "reconnecting; your place is kept";
const NOT_FETCHED = "The run could not be fetched: reload the page.";
const MOST_NAMED = 3;

/** All of the page; one for a document. */
class Student {
  /** @param {Given} page */
  constructor(page) {
    this.given = page;
    this.address = new URL(`room/${page.code}`, BASE);
    /** @type {Room | null} */
    this.room = null;
    /** Which question is in the picture; -1 for none. */
    this.at = -1;
    /** @type {Joined | null} */
    this.who = null;
    /** The guess that is in the picture, the one that is to be sent, and the one that the server has. */
    this.drawn = "";
    /** @type {{ at: number, guess: string } | null} */
    this.sending = null;
    this.sent = "";
    /** @type {Results | null} */
    this.results = null;
    this.judged = false;
    this.over = false;

    this.place = element("span", { class: "place-of" });
    this.you = element("span", { class: "you" });
    this.heading = element("h1", { tabindex: "-1" }, CONNECTING);
    this.settings = element("p", { class: "settings" });
    this.link = element("p", { class: "link-words", role: "status" });
    this.host = element("div", { class: "room-picture" });
    this.outcome = element("p", { class: "outcome", role: "status" });
    this.words = element("p", { class: "said", role: "status" });
    this.button = element("button", { type: "button", class: "filled", "data-action": "send", onclick: () => this.#send(), disabled: true }, "Send my guess");
    this.foot = element("footer", { class: "send" }, this.words, this.button);
    this.main = /** @type {HTMLElement} */ (document.getElementById("room"));
    this.main.replaceChildren(
      element("header", { class: "room-line" }, element("span", {}, "Room ", element("b", { class: "code" }, page.code)), this.place, this.you),
      this.link, this.heading, this.settings, this.outcome, this.host, this.foot,
    );
    this.picture = new Picture(this.host, {
      palette: page.palette, guesses: true,
      guessed: (text) => this.#guessed(text),
      judged: () => this.#judged(),
    });
    this.channel = new RoomChannel(this.address, {
      hello: () => ({ type: "join", key: kept(page.code) }),
      told: (message) => this.#told(message),
      open: (open) => this.#opened(open),
      over: () => this.#ended(),
    });
    this.channel.start();
    this.#show();
  }

  /** @param {boolean} open */
  #opened(open) {
    say(this.link, open ? "" : this.who ? BROKEN : CONNECTING);
    this.main.dataset.link = open ? "open" : "broken";
    this.#show();
  }

  /** @param {Told} message */
  #told(message) {
    if (message.type === "joined") this.#join(message);
    else if (message.type === "room") this.#take(message);
    else if (message.type === "question") this.#ask(message);
    else if (message.type === "taken") this.#taken(message.at, message.guess);
    else if (message.type === "start") this.#start(message);
    else if (message.type === "results") this.results = message;
    else if (message.type === "refused") this.#refused(message.words);
    else if (message.type === "ended") this.#ended(message.words);
    this.#show();
  }

  /** @param {Joined} who */
  #join(who) {
    this.who = who;
    keep(this.given.code, who.key);
    this.you.replaceChildren("you are ", chip(who.number, who.colour));
    this.main.dataset.number = String(who.number);
  }

  /** @param {Room} room */
  #take(room) {
    this.room = room;
    say(this.place, room.count > 1 ? `question ${room.place} of ${room.count}` : "");
    if (room.phase !== "preparing" || room.at === this.at) return;
    this.at = -1;
    this.#forget();
    this.picture.wait();
    say(this.heading, "The next question is being prepared");
    this.settings.replaceChildren();
  }

  #forget() {
    this.drawn = this.sent = "";
    this.sending = this.results = null;
    this.judged = false;
  }

  /** @param {Posed} posed */
  #ask(posed) {
    if (posed.at === this.at) {
      // The connection was broken meanwhile: what is in the picture stays.
      this.sent = posed.yours ?? "";
      if (this.sending) this.#say();
      return;
    }
    this.at = posed.at;
    this.#forget();
    this.drawn = this.sent = posed.yours ?? "";
    this.picture.ask(posed);
    const asked = this.picture.asked;
    this.heading.replaceChildren(asked ? rich(asked.words) : posed.about.question);
    this.settings.replaceChildren(`${posed.about.title}: `, rich(posed.about.settings), ".");
  }

  /** @param {Start} start */
  async #start(start) {
    // A guess that was not sent does not count, and is not compared.
    if (this.picture.run === null && this.drawn !== this.sent) {
      this.picture.put(this.sent || null);
      this.drawn = this.sent;
    }
    this.sending = null;
    const { at } = this;
    const played = await this.picture.play(new URL(`${this.address.href}/run/${start.run}`), start.in);
    if (!played && at === this.at) this.#refused(NOT_FETCHED);
  }

  // --- The guess ----------------------------------------------------------------------------

  /** @param {string} text */
  #guessed(text) {
    this.drawn = text;
    this.main.dataset.trouble = "";
    this.#show();
  }

  #send() {
    if (!this.drawn) return;
    this.sending = { at: this.at, guess: this.drawn };
    this.main.dataset.trouble = "";
    this.#say();
    this.#show();
  }

  /** Says it, also again: what the server has already, it takes as it is. */
  #say() {
    if (this.sending) this.channel.send({ type: "guess", question: this.sending.at, guess: this.sending.guess });
  }

  /**
   * @param {number} at
   * @param {string} guess
   */
  #taken(at, guess) {
    if (at !== this.at) return;
    if (this.sending?.guess === this.drawn) this.drawn = guess; // as the server writes it
    this.sent = guess;
    this.sending = null;
  }

  /** @param {string} words */
  #refused(words) {
    this.sending = null;
    this.main.dataset.trouble = words;
  }

  // --- The run ------------------------------------------------------------------------------

  #judged() {
    this.judged = true;
    this.#show();
  }

  /** @param {string} [words] */
  #ended(words) {
    this.over = true;
    this.channel.close();
    if (words) say(this.link, words);
    else if (!this.link.textContent) say(this.link, this.main.dataset.trouble || "This room is closed.");
    if (this.at === -1) say(this.heading, "This room is over");
    this.#show();
  }

  // --- What is seen -------------------------------------------------------------------------

  get phase() {
    if (this.over) return "ended";
    if (!this.room || this.at === -1) return this.room ? "preparing" : "connecting";
    if (this.room.phase !== "running") return "asking";
    return this.judged ? "judged" : "running";
  }

  /** What has become of the guess that is in the picture. */
  get state() {
    if (this.sending) return "sending";
    if (!this.drawn) return "none";
    return this.drawn === this.sent ? "sent" : "unsent";
  }

  #show() {
    const { phase, state } = this;
    const asks = this.at !== -1 && this.picture.asked !== null;
    this.main.dataset.phase = phase;
    this.main.dataset.guess = state;
    this.main.dataset.at = String(this.at);
    if (this.picture.run !== null) delete this.host.dataset.before;
    else this.host.dataset.before = phase === "asking" ? "asking" : "preparing";
    this.foot.hidden = phase !== "asking" && phase !== "preparing" && phase !== "connecting";
    this.button.hidden = this.at !== -1 && !asks;
    this.button.disabled = phase !== "asking" || state === "none" || state === "sent" || state === "sending";
    say(this.words, this.#said(asks));
    this.#showOutcome();
  }

  /** @param {boolean} asks */
  #said(asks) {
    const { room, state } = this;
    const { trouble } = this.main.dataset;
    if (trouble) return trouble;
    if (!room || this.at === -1) return "Keep this page open: the question comes by itself.";
    if (room.awaited) return "The run is being computed: it plays by itself.";
    if (!asks) return "Nothing is to be guessed here: the run plays by itself.";
    if (state === "sending") return this.channel.open ? "Sending." : "It is sent once the room is reached again.";
    if (state === "sent") return "Sent. You may change it until the run.";
    if (state === "unsent") return this.sent ? "Your guess has changed: send it again." : "It counts once it is sent.";
    return "Put your guess into the picture, then send it.";
  }

  /** Its place is kept from the press on, so that the picture stays where it is. */
  #showOutcome() {
    const results = this.judged ? this.results : null;
    this.outcome.hidden = this.picture.run === null;
    this.outcome.dataset.rank = String(results?.rank ?? "");
    fill(this.outcome, results, () => {
      if (!results) return ["The run plays for all."];
      const { rank, of } = results;
      const own = rank ? `You were ${ordinal(rank)} of ${whole(of)}.` : of ? `${many(of, "guess")} came in.` : "No guess came in.";
      const named = results.all.filter(([, , distance]) => distance !== null).slice(0, MOST_NAMED);
      const chips = named.flatMap(([number]) => [" ", chip(number, colourOf(number, this.given.colours))]);
      return [element("strong", {}, own), ...(named.length ? [" Nearest:", ...chips] : [])];
    });
  }
}

/**
 * What the server knows this browser by; nothing where a browser keeps nothing.
 * @param {string} code
 */
function kept(code) {
  try {
    return localStorage.getItem(`lmx-room-${code}`);
  } catch {
    return null;
  }
}

/**
 * @param {string} code
 * @param {string} key
 */
function keep(code, key) {
  try {
    localStorage.setItem(`lmx-room-${code}`, key);
  } catch {
    // Then a reload makes it another student.
  }
}

new Student(given());
