// Where the parts of a page stand: picture and numbers first, transport under the picture, the rest below.

import { element } from "./words.js";

const LEAST_PX = 200;
const MOST_PX = 460;
const MOST_PROJECTED_PX = 900;
const BELOW_PX = 16;

/**
 * The height of the picture such that what stands under it ends with the window.
 * @param {{ window: number, top: number, around: number, most?: number }} heights the window's, where the
 *   picture begins, what its frame and the transport take, and the most that it is given
 */
export function heroHeight({ window, top, around, most = MOST_PX }) {
  return Math.round(Math.min(most, Math.max(LEAST_PX, window - top - around - BELOW_PX)));
}

/**
 * The nearest thing around a node that scrolls.
 * @param {Element} node
 */
function scrollerOf(node) {
  for (let one = node.parentElement; one; one = one.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(one).overflowY) && one.scrollHeight > one.clientHeight) return one;
  }
  return document.scrollingElement;
}

/** The sheet that holds a page's parts. */
export class Stage {
  /**
   * @param {Element} host
   * @param {Record<"presets" | "strip" | "hero" | "numbers" | "bar" | "warnings" | "panels" | "claims" | "shelf" | "keep" | "voice", HTMLElement>} parts
   */
  constructor(host, parts) {
    this.host = host;
    this.hero = parts.hero;
    this.bar = parts.bar;
    /** Holds the transport's place while it stands at the foot of the window. */
    this.place = element("div", { class: "place" });
    const { presets, strip, hero, numbers, bar, warnings, panels, claims, shelf, keep, voice } = parts;
    const rest = element("div", { class: "rest" }, warnings, panels, claims, shelf, keep, voice);
    this.node = element("div", { class: "sheet" }, presets, strip, hero, this.place, bar, numbers, rest);
    this.watcher = new IntersectionObserver(([{ isIntersecting, boundingClientRect, rootBounds }]) => {
      // Before anything is shown it has no width, and lies nowhere.
      const above = !isIntersecting && boundingClientRect.width > 0 && boundingClientRect.top < (rootBounds?.top ?? 0) + 1;
      this.node.classList.toggle("passed", above);
    }, { rootMargin: "-64px 0px 0px 0px" });
    this.watcher.observe(this.place);
    this.sizes = new ResizeObserver(() => this.#reserve());
    this.sizes.observe(bar);
    this.stop = new AbortController();
    addEventListener("resize", () => this.fit(), { signal: this.stop.signal });
  }

  #reserve() {
    const height = this.bar.offsetHeight;
    if (!height) return;
    const { marginTop, marginBottom } = getComputedStyle(this.bar);
    this.place.style.height = `${height + parseFloat(marginTop) + parseFloat(marginBottom)}px`;
    this.fit();
  }

  /** Gives the picture what the window leaves; nothing moves while it is scrolled. */
  fit() {
    if (!this.host.isConnected || !this.hero.firstElementChild) return;
    const plot = this.hero.querySelector(".plot");
    if (!plot) return;
    const scrolled = scrollerOf(this.host)?.scrollTop ?? 0;
    const frame = this.hero.getBoundingClientRect();
    const around = this.#framed(frame.top) + this.place.offsetHeight;
    const most = this.node.closest(".projector") ? MOST_PROJECTED_PX : MOST_PX;
    const height = heroHeight({ window: innerHeight, top: frame.top + scrolled, around, most });
    this.node.style.setProperty("--hero", `${height}px`);
  }

  /**
   * The most that stands around a picture in the row of the large one.
   * @param {number} top of that row
   */
  #framed(top) {
    const panels = /** @type {HTMLElement[]} */ ([...this.node.querySelectorAll(".panel")]);
    const beside = panels.filter((panel) => Math.abs(panel.getBoundingClientRect().top - top) < 1);
    return Math.max(0, ...beside.map((panel) => panel.offsetHeight - (panel.querySelector(".plot")?.clientHeight ?? 0)));
  }

  leave() {
    this.watcher.disconnect();
    this.sizes.disconnect();
    this.stop.abort();
  }
}
