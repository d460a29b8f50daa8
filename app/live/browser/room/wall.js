// The lecturer's wall: how to join, the picture with all guesses in it, and what steers the room.

import { shortcuts } from "../dom/shortcuts.js";
import { element, rich, say, whole } from "../dom/words.js";
import { BASE } from "../supplies.js";
import { RoomChannel } from "./channel.js";
import { Controls } from "./controls.js";
import { Crowd } from "./crowd.js";
import { CrowdLayer } from "./crowd_layer.js";
import { given } from "./given.js";
import { Invitation } from "./invitation.js";
import { Nearest } from "./nearest.js";
import { Picture } from "./picture.js";
import { Questions } from "./questions.js";
import { Safe } from "./safe.js";

/** @import { Given, Guesses, Posed, Results, Room, Said, Start, Told } from "./types.js" */

const CONNECTING = "connecting to the room";
const BROKEN = "reconnecting; the room goes on";
const NOT_FETCHED = "The run could not be fetched: reload the page.";
const MARKED = 6;

/** All of the page; one for a document. */
class Wall {
  /** @param {Given} page */
  constructor(page) {
    this.given = page;
    this.address = new URL(`room/${page.code}`, BASE);
    this.safe = new Safe(page.code);
    /** @type {Room | null} */
    this.room = null;
    /** Which question is in the picture; -1 for none. */
    this.at = -1;
    this.crowd = new Crowd();
    /** @type {CrowdLayer | null} */
    this.layer = null;
    this.guessesShown = true;
    /** @type {Results | null} */
    this.results = null;
    this.judged = false;
    this.over = false;

    this.heading = element("h1", { tabindex: "-1" }, CONNECTING);
    this.settings = element("p", { class: "settings" });
    this.link = element("p", { class: "link-words", role: "status" });
    this.host = element("div", { class: "room-picture", "data-wall": true });
    this.invitation = new Invitation(page.code, this.address);
    this.nearest = new Nearest(page.colours);
    this.counts = element("p", { class: "counts" });
    this.joined = element("b", {}, "0");
    this.guessed = element("b", {}, "0");
    this.counts.append(element("span", {}, this.joined, " joined"), element("span", {}, this.guessed, " guessed"));
    this.voice = element("p", { class: "unseen", "aria-live": "polite" });
    this.controls = new Controls({ run: () => this.#say({ type: "run" }), go: (step) => this.#go(step), toggle: () => this.#toggle() });
    this.questions = new Questions({
      show: (to) => this.#say({ type: "question", to }),
      leaveOut: (at) => this.#say({ type: "leave_out", at }),
      add: (link) => this.#say({ type: "ask", link }),
      results: () => this.#save(),
      close: () => this.#say({ type: "end" }),
      link: () => this.safe.link(this.address),
    });
    this.main = /** @type {HTMLElement} */ (document.getElementById("room"));
    this.main.classList.add("wall");
    this.main.replaceChildren(
      element("div", { class: "screen" },
        element("header", { class: "asked" }, element("div", {}, this.heading, this.settings), this.link),
        element("div", { class: "middle" }, this.host,
          element("aside", {}, this.invitation.node, this.counts, this.nearest.node)),
        this.controls.node,
      ),
      this.questions.node, this.voice,
    );
    this.picture = new Picture(this.host, { palette: page.palette, projector: true, guesses: false, judged: () => this.#judged() });
    this.main.dataset.shown = "on";
    shortcuts(this.main, { h: () => this.#toggle() });
    this.channel = new RoomChannel(this.address, {
      hello: () => ({ type: "wall", secret: this.safe.secret, address: BASE.href }),
      told: (message) => this.#told(message),
      open: (open) => this.#opened(open),
      over: () => this.#ended(),
    });
    if (this.safe.secret) this.channel.start();
    else this.#ended("This page needs the whole link of the lecturer: open the room's wall with it.");
    this.#show();
  }

  /** @param {Said} message */
  #say(message) {
    this.questions.refuse("");
    this.channel.send(message);
  }

  /** @param {boolean} open */
  #opened(open) {
    say(this.link, open ? "" : this.room ? BROKEN : CONNECTING);
    this.main.dataset.link = open ? "open" : "broken";
    this.#show();
  }

  /** @param {Told} message */
  #told(message) {
    if (message.type === "room") this.#take(message);
    else if (message.type === "question") this.#ask(message);
    else if (message.type === "guesses") this.#guesses(message);
    else if (message.type === "start") this.#start(message);
    else if (message.type === "results") this.results = message;
    else if (message.type === "refused") this.#refused(message.words);
    else if (message.type === "ended") this.#ended(message.words);
    this.#show();
  }

  /** @param {Room} room */
  #take(room) {
    const before = this.room?.phase;
    this.room = room;
    this.invitation.show(room);
    this.questions.show(room);
    if (before && before !== room.phase) say(this.voice, { preparing: "the question is being prepared", asking: "guesses are taken", running: "the run plays on all phones", ended: "" }[room.phase]);
    if (room.phase !== "preparing" || room.at === this.at) return;
    this.at = -1;
    this.#forget();
    this.picture.wait();
    const listed = room.questions?.[room.at];
    say(this.heading, listed ? listed.title : "The next question is being prepared");
    say(this.settings, listed?.state === "failed" ? listed.words : "It is being prepared.");
  }

  #forget() {
    this.results = null;
    this.judged = false;
    this.layer?.leave();
    this.layer = null;
    this.crowd = new Crowd();
  }

  /** @param {Posed} posed */
  #ask(posed) {
    if (posed.at === this.at) return;
    this.at = posed.at;
    this.#forget();
    this.picture.ask(posed);
    const { asked, panel } = this.picture;
    this.heading.replaceChildren(asked ? rich(asked.words) : posed.about.question);
    this.settings.replaceChildren(`${posed.about.title}: `, rich(posed.about.settings), ".");
    if (!asked || !panel) return;
    this.layer = new CrowdLayer(panel, asked, this.crowd);
    this.layer.show(this.guessesShown);
  }

  /** @param {Guesses} guesses */
  #guesses({ at, all, whole: replaces }) {
    if (at !== this.at) return;
    this.crowd.take(all, replaces);
    this.layer?.draw();
  }

  /** @param {Start} start */
  async #start(start) {
    const { at } = this;
    const played = await this.picture.play(new URL(`${this.address.href}/run/${start.run}`), start.in);
    if (!played && at === this.at) this.#refused(NOT_FETCHED);
  }

  #judged() {
    this.judged = true;
    this.#show();
  }

  #toggle() {
    this.guessesShown = !this.guessesShown;
    this.layer?.show(this.guessesShown);
    say(this.voice, this.guessesShown ? "guesses shown" : "guesses hidden");
    this.#show();
  }

  /**
   * The question that many further on the list.
   * @param {number} step
   */
  #beside(step) {
    const { room } = this;
    const listed = (room?.questions ?? []).flatMap(({ left_out: out }, i) => (out ? [] : [i]));
    return listed[listed.indexOf(room?.at ?? -1) + step];
  }

  /** @param {number} step */
  #go(step) {
    const to = this.#beside(step);
    if (to !== undefined) this.#say({ type: "question", to });
  }

  /** @param {string} words */
  #refused(words) {
    this.questions.refuse(words);
    say(this.link, words);
  }

  /** @param {string} [words] */
  #ended(words) {
    this.over = true;
    this.channel.close();
    if (words) say(this.link, words);
    if (this.at === -1) say(this.heading, "This room is closed");
    this.#show();
  }

  async #save() {
    const words = await this.safe.results(this.address, this.given.code);
    if (words) this.#refused(words);
  }

  // --- What is seen -------------------------------------------------------------------------

  get phase() {
    if (this.over) return "ended";
    if (!this.room || this.at === -1) return this.room ? "preparing" : "connecting";
    if (this.room.phase !== "running") return "asking";
    return this.judged ? "judged" : "running";
  }

  #show() {
    const { room, phase } = this;
    const { main } = this;
    main.dataset.phase = phase;
    main.dataset.at = String(this.at);
    main.dataset.students = String(room?.students ?? 0);
    main.dataset.guesses = String(room?.guesses ?? 0);
    main.dataset.shown = this.guessesShown ? "on" : "off";
    if (this.picture.run !== null) delete this.host.dataset.before;
    else this.host.dataset.before = phase === "asking" ? "asking" : "preparing";
    say(this.joined, whole(room?.students ?? 0));
    say(this.guessed, whole(room?.guesses ?? 0));
    const steers = !this.over && this.channel.open && room !== null;
    this.controls.show({
      place: room ? `${room.place} of ${room.count}` : "",
      runs: steers && phase === "asking" && !room.awaited, awaited: Boolean(room?.awaited),
      before: steers && this.#beside(-1) !== undefined, after: steers && this.#beside(1) !== undefined,
      guesses: this.guessesShown,
    });
    this.questions.open(steers);
    const over = phase === "judged" && this.results !== null;
    const headline = over ? this.picture.headline : "";
    this.nearest.show(over ? this.results : null, this.picture.asked, headline);
    this.invitation.shrink(phase === "judged" || phase === "running");
    if (this.layer) this.layer.mark(over ? this.#marked : [], this.given.colours);
  }

  get #marked() {
    return (this.results?.all ?? []).filter(([, , distance]) => distance !== null).slice(0, MARKED).map(([number]) => number);
  }
}

new Wall(given());
