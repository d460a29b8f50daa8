// One figure with its heading: a Plotly drawing that outlives reruns, and the time cursor over it.

import { boundValues, definedOnly, marked } from "./arrays.js";
import { uncrowd } from "./crowded.js";
import { clockOf, dotsOf, factorOf, figureOf, givenScale, unpacked } from "./figures.js";
import { shape } from "./shape.js";
import { axisOf, Strokes, strokable } from "./strokes.js";
import { dataTable } from "./table.js";
import { frontView, turnable } from "./turning.js";
import { element, fill, plain, rich, say } from "../dom/words.js";

/** @import { Extension, Panel as Given, Scale } from "../session/messages.js" */
/** @import { Moment } from "../session/types.js" */
/** @import { Drawing, Plotly } from "./plotly.js" */
/** @import { Bound, Look, PanelActions, Side, Spec } from "./types.js" */

const CONFIG = { displayModeBar: false, displaylogo: false, scrollZoom: false, doubleClick: "reset" };
/** @type {Scale[]} */
const SCALES = ["linear", "log"];
const MAPS_MS = 400;
const LEAD_SAYS = "show this picture large, at the top";

/** One panel of the page, which may be given another figure while it keeps its place. */
export class Panel {
  /**
   * @param {Given} given
   * @param {number} number for names in the document
   * @param {PanelActions} actions
   */
  constructor(given, number, actions) {
    this.actions = actions;
    this.words = SCALES.map((word) =>
      element("button", { type: "button", class: "word", "data-scale": word, onclick: () => this.setScale(word) }, word),
    );
    this.heading = element("h3", { id: `panel-${number}` });
    this.title = element("button", { type: "button", class: "word", "data-action": "lead", title: LEAD_SAYS, onclick: () => actions.lead(this.spec.id) });
    this.heading.append(this.title);
    this.scaleWords = element("span", { class: "scales", role: "group" }, ...this.words);
    this.tableButton = element(
      "button",
      { type: "button", class: "word", "data-action": "data", "aria-expanded": "false", onclick: () => this.toggleTable() },
      "data",
    );
    this.saveButton = element(
      "button",
      { type: "button", class: "word", "data-action": "panel-svg", onclick: () => actions.save(this) },
      "download SVG",
    );
    this.figure = /** @type {Drawing} */ (element("div", { class: "figure" }));
    this.empty = element("p", { class: "empty" });
    this.cursor = shape("svg");
    this.cursor.setAttribute("class", "cursor");
    this.cursor.setAttribute("aria-hidden", "true");
    this.extended = element("p", { class: "extended", hidden: true }, "axis extended");
    this.extended.title = "The run left this axis; it was extended once, at the end.";
    this.plot = element("div", { class: "plot", role: "img" }, this.figure, this.cursor, this.empty);
    this.note = element("p", { class: "note" });
    this.drawing = element("div", { class: "drawing" }, this.plot, this.extended);
    this.table = element("div", { class: "data", hidden: true, tabindex: "0", role: "region" });
    this.node = element(
      "section",
      { class: "panel", "data-panel": given.id, "aria-labelledby": `panel-${number}` },
      element(
        "header",
        {},
        this.heading,
        element("span", { class: "tools" }, element("span", { class: "asides" }, this.tableButton, this.saveButton), this.scaleWords),
      ),
      this.drawing,
      this.note,
      this.table,
    );
    this.strokes = new Strokes(this.figure);
    /** What lies over or under its curves, as guesses do: @type {{ draw(): void } | null} */
    this.layer = null;
    this.alt = "";
    this.dirty = true;
    this.visible = true;
    /** Whether Plotly itself has drawn what is seen. */
    this.resting = false;
    /** The moment that is seen, by its key. */
    this.drawn = "";
    this.drawnSize = "";
    this.room = { width: 0, height: 0 };
    this.factor = 1;
    this.mappedAt = -Infinity;
    /** @type {Side | undefined} */
    this.view = undefined;
    this.spec = this.#specOf(given, null);
    this.#show();
  }

  /**
   * Takes a new figure; scale, side and axes that a reader or a run has changed stay.
   * @param {Given} given
   */
  adopt(given) {
    if (given.height_units !== this.spec.height_units) this.room = { width: 0, height: 0 };
    this.spec = this.#specOf(given, this.spec);
    this.#show();
  }

  /**
   * @param {Given} given
   * @param {Spec | null} before
   * @returns {Spec}
   */
  #specOf(given, before) {
    const figure = given.figure === before?.figure ? given.figure : unpacked(given.figure);
    const view = given.turns ? this.#turns() : undefined;
    /** @type {Bound[]} */
    const traces = given.traces.map((binding) => {
      // What moves with the scrubber stands as it was drawn until there is a run.
      return binding.at === "scrub" ? { ...binding, view, given: figure.data[binding.trace] } : { ...binding, view };
    });
    /** @type {Spec} */
    const spec = { ...given, figure, traces, view, scale: null, extension: before?.extension ?? null };
    if (given.toggle) spec.scale = before?.scale ?? givenScale(spec);
    return spec;
  }

  #show() {
    const { spec } = this;
    this.node.dataset.drawn = "false";
    if (fill(this.title, [spec.title, spec.symbol], () => [spec.title, " ", element("span", { class: "symbol" }, rich(spec.symbol))])) {
      const title = plain(spec.title);
      this.scaleWords.setAttribute("aria-label", `vertical scale of ${title}`);
      this.saveButton.setAttribute("aria-label", `download SVG of ${title}`);
      for (const named of [this.tableButton, this.table]) named.setAttribute("aria-label", `data of ${title}`);
    }
    this.scaleWords.hidden = !spec.toggle;
    this.setAlt(spec.alt);
    this.node.style.setProperty("--units", String(spec.height_units));
    fill(this.note, spec.note, () => [rich(spec.note)]);
    this.note.hidden = !spec.note;
    this.markScale();
    this.dirty = true;
  }

  /**
   * What the picture shows, in words that tell its numbers; they are kept back while theory is.
   * @param {string} alt HTML
   */
  setAlt(alt, hidden = false) {
    this.alt = alt;
    const title = plain(this.spec.title);
    this.plot.setAttribute("aria-label", hidden ? title : plain(alt) || title);
  }

  /**
   * Whether it is the large one, whose title leads nowhere further.
   * @param {boolean} leads
   */
  setLead(leads) {
    this.title.disabled = leads;
    this.title.title = leads ? "" : LEAD_SAYS;
  }

  /** A solid picture keeps the side it was turned to, whatever is drawn into it. */
  #turns() {
    if (!this.view) {
      this.view = frontView();
      turnable(this.plot, this.view, () => {
        this.dirty = true;
        this.actions.redraw();
      });
    }
    return this.view;
  }

  markScale() {
    for (const word of this.words) {
      word.setAttribute("aria-pressed", String(word.dataset.scale === this.spec.scale));
    }
  }

  /** @param {Scale} scale */
  setScale(scale) {
    this.spec.scale = scale;
    this.markScale();
    this.dirty = true;
    this.actions.redraw();
  }

  /**
   * Lets an axis grow once, and says so; null takes it back.
   * @param {Extension | null} extension
   */
  extend(extension) {
    this.spec.extension = extension;
    this.extended.hidden = !extension;
    this.dirty = true;
  }

  toggleTable() {
    const open = this.table.hidden;
    this.table.hidden = !open;
    this.tableButton.setAttribute("aria-expanded", String(open));
    if (open) this.table.replaceChildren(dataTable(this.spec, this.figure));
  }

  /**
   * Draws everything anew: new figure, theme, scale or size.
   * @param {Plotly} Plotly
   * @param {Look} look
   * @param {Moment} moment
   */
  rebuild(Plotly, look, moment) {
    const { data, layout } = figureOf(this.spec, look);
    this.setAlt(this.alt, !look.theory);
    this.factor = factorOf(this.spec, look);
    for (const binding of this.spec.traces) {
      binding.factor = factorOf(this.spec, look, binding.source);
      const { marks, ...arrays } = boundValues(binding, moment);
      const trace = data[binding.trace];
      Object.assign(trace, definedOnly(arrays), marks && { marker: marked(trace, marks) });
    }
    Object.assign(layout, this.room);
    uncrowd(layout, this.room.width);
    this.drawnSize = `${layout.width} ${layout.height}`;
    this.strokes.clear();
    Plotly.react(this.figure, data, layout, CONFIG);
    if (this.spec.cells) this.#leadOn();
    this.#settled(moment);
    this.dirty = false;
    this.node.dataset.drawn = "true";
  }

  /** A click on a cell of a map opens the run behind it. */
  #leadOn() {
    this.figure.removeAllListeners?.("plotly_click");
    this.figure.on("plotly_click", ({ points }) => {
      const cell = points.find((point) => point.data.type === "heatmap");
      if (cell) this.actions.open(cell.pointNumber[0] * cell.data.x.length + cell.pointNumber[1]);
    });
  }

  /**
   * Plotly has drawn this moment itself: hover, zoom and pictures know it.
   * @param {Moment} moment
   */
  #settled(moment) {
    this.resting = true;
    this.drawn = moment.key;
    if (!this.table.hidden) this.table.replaceChildren(dataTable(this.spec, this.figure));
  }

  /** Reads how large its place is; all panels do before one is drawn, which costs one layout. */
  measure() {
    this.room = { width: this.plot.clientWidth, height: this.plot.clientHeight };
  }

  /** To be drawn anew as a whole, in a place that has a size. */
  get due() {
    const { width, height } = this.room;
    return width > 0 && height > 0 && (this.dirty || this.drawnSize !== `${width} ${height}`);
  }

  /** Whether its place has another size than when it was drawn. */
  outgrown() {
    this.measure();
    const { width, height } = this.room;
    return this.drawnSize !== "" && this.drawnSize !== `${width} ${height}`;
  }

  /**
   * Draws a moment; true if that took a full redraw by Plotly.
   * @param {Plotly} Plotly
   * @param {Look} look
   * @param {Moment} moment
   * @param {boolean} mayRest
   */
  draw(Plotly, look, moment, mayRest) {
    if (!this.visible && !this.dirty) return false;
    const { width, height } = this.room;
    if (!width || !height) return false;
    let thorough = false;
    if (this.dirty || this.drawnSize !== `${width} ${height}`) {
      this.rebuild(Plotly, look, moment);
      thorough = true;
    } else if (this.drawn !== moment.key) this.stream(Plotly, moment);
    if (!this.resting && !moment.moving && mayRest) {
      this.rest(Plotly, moment);
      thorough = true;
    }
    this.point(moment);
    this.#sayWaiting(moment);
    return thorough;
  }

  /**
   * What is said where nothing is drawn before the run.
   * @param {Moment} moment
   */
  #sayWaiting({ rows }) {
    const waiting = !rows && this.spec.empty ? plain(this.spec.empty) : "";
    say(this.empty, waiting);
    this.empty.hidden = !waiting;
  }

  /**
   * Curves grow as plain paths; maps, which Plotly must draw, follow more slowly.
   * @param {Plotly} Plotly
   * @param {Moment} moment
   */
  stream(Plotly, moment) {
    this.strokes.draw(this.spec, moment);
    this.resting = false;
    this.drawn = moment.key;
    const now = performance.now();
    if (now - this.mappedAt < MAPS_MS) return;
    this.mappedAt = now;
    this.#restyle(Plotly, moment, (binding) => !strokable(this.figure.data[binding.trace], binding));
  }

  /**
   * Leaves what has been drawn as paths to Plotly.
   * @param {Plotly} Plotly
   * @param {Moment} moment
   */
  rest(Plotly, moment) {
    this.strokes.clear();
    this.#restyle(Plotly, moment, () => true);
    this.#settled(moment);
  }

  /**
   * Drawn by Plotly as the moment is, wherever on the page: pictures are made from that.
   * @param {Plotly} Plotly
   * @param {Look} look
   * @param {Moment} moment
   */
  settle(Plotly, look, moment) {
    if (this.outgrown() || this.dirty) this.rebuild(Plotly, look, moment);
    else if (!this.resting || this.drawn !== moment.key) this.rest(Plotly, moment);
    this.#sayWaiting(moment);
    this.point(moment);
  }

  /**
   * @param {Plotly} Plotly
   * @param {Moment} moment
   * @param {(binding: Bound) => boolean} chosen
   */
  #restyle(Plotly, moment, chosen) {
    const bound = this.spec.traces.filter(chosen);
    const values = bound.map((binding) => boundValues(binding, moment));
    const markers = values.map(({ marks }, i) => marks && marked(this.figure.data[bound[i].trace], marks));
    const arrays = {
      x: values.map(({ x }) => x),
      y: values.map(({ y }) => y),
      z: values.map(({ z }) => z),
      customdata: values.map(({ customdata }) => customdata),
      "marker.color": markers.map((marker) => marker?.color),
      "marker.symbol": markers.map((marker) => marker?.symbol),
    };
    const update = Object.fromEntries(Object.entries(arrays).filter(([, list]) => list.some(Boolean)));
    if (Object.keys(update).length) Plotly.restyle(this.figure, update, bound.map(({ trace }) => trace));
  }

  /**
   * The time cursor and the dots on the run curves.
   * @param {Moment} moment
   */
  point(moment) {
    this.cursor.replaceChildren();
    this.layer?.draw();
    const layout = this.figure._fullLayout;
    if (!moment.cursor || !layout?.xaxis) return;
    const clock = clockOf(this.spec);
    const { xaxis, yaxis } = layout;
    if (clock) {
      const x = xaxis._offset + xaxis.d2p(this.factor * (clock === "time" ? moment.cursorTime : moment.cursorStep));
      if (x >= xaxis._offset - 0.5 && x <= xaxis._offset + xaxis._length + 0.5) {
        this.cursor.append(shape("line", { x1: x, x2: x, y1: yaxis._offset, y2: yaxis._offset + yaxis._length }));
      }
    }
    for (const dot of dotsOf(this.spec, moment)) {
      const trace = this.figure.data[dot.trace];
      if (trace.visible === false) continue;
      const along = axisOf(layout, trace.xaxis ?? "x");
      const up = axisOf(layout, trace.yaxis ?? "y");
      const [x, y] = [along.d2p(dot.x), up.d2p(dot.y)];
      const inside = x >= -1 && x <= along._length + 1 && y >= -1 && y <= up._length + 1;
      if (!inside) continue;
      const place = { cx: x + along._offset, cy: y + up._offset, r: 4.75, fill: trace.line?.color ?? "currentColor" };
      this.cursor.append(shape("circle", place));
    }
  }
}
