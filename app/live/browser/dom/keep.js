// Keep: links and code to copy, files of the run, and the panels as one picture.

import { glyph } from "./glyphs.js";
import { element, plain } from "./words.js";

const COPIES = [["permalink", "Permalink", "link"], ["python", "Copy as Python"], ["command", "Copy as command"]];
const FILES = [["nc", "NetCDF", "download"], ["csv", "CSV"], ["json", "JSON"]];
const PICTURES = [["svg", "SVG"], ["png", "PNG"]];
const FAMILIES = /source sans|katex_math/i;
const SAID_MS = 1600;

/** Puts text on the clipboard, also where the page is not served securely. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = element("textarea", { style: "position:fixed;opacity:0" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

function saved(blob, name) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** The page's own font files as CSS, so that a picture looks the same everywhere. */
async function fontRules() {
  const rules = [...document.styleSheets].flatMap((sheet) => {
    try {
      return [...sheet.cssRules].filter((rule) => rule instanceof CSSFontFaceRule).map((rule) => [rule, sheet.href]);
    } catch {
      return [];
    }
  });
  const used = rules.filter(([rule]) => FAMILIES.test(rule.style.getPropertyValue("font-family")) && !/bold/i.test(rule.cssText.split("src")[0]));
  const texts = await Promise.all(
    used.map(async ([rule, base]) => {
      const address = /url\(["']?([^"')]+\.woff2)["']?\)/.exec(rule.cssText)?.[1];
      if (!address) return "";
      const answer = await fetch(new URL(address, base ?? document.baseURI));
      const bytes = new Uint8Array(await answer.arrayBuffer());
      let binary = "";
      for (const byte of bytes) binary += String.fromCharCode(byte);
      return rule.cssText.replace(/src:[^;]+;/, `src: url(data:font/woff2;base64,${btoa(binary)}) format("woff2");`);
    }),
  );
  return texts.join("\n");
}

function inner(url) {
  return decodeURIComponent(url.slice(url.indexOf(",") + 1)).replace(/^<\?xml[^>]*\?>/, "");
}

function escaped(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}

/** The panels as one SVG text, in the present colours. */
export async function picture(panels, Plotly, palette) {
  const drawn = panels.filter((panel) => panel.figure.data);
  const columns = drawn.length > 1 ? 2 : 1;
  const head = 34;
  const gap = 16;
  const width = Math.max(...drawn.map((panel) => panel.plot.clientWidth));
  const heights = [];
  drawn.forEach((panel, i) => {
    const row = Math.floor(i / columns);
    heights[row] = Math.max(heights[row] ?? 0, panel.plot.clientHeight + head);
  });
  const parts = [];
  for (const [i, panel] of drawn.entries()) {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const x = column * (width + gap) + gap;
    const y = heights.slice(0, row).reduce((sum, h) => sum + h + gap, gap);
    const size = { width: panel.plot.clientWidth, height: panel.plot.clientHeight };
    const svg = inner(await Plotly.toImage(panel.figure, { format: "svg", ...size }));
    parts.push(
      `<rect x="${x}" y="${y}" width="${width}" height="${heights[row]}" rx="6" fill="${palette.panel}" stroke="${palette.rule}"/>` +
        `<text x="${x + 18}" y="${y + 24}" font-size="15" font-weight="600" fill="${palette.ink}">${escaped(plain(panel.spec.title))}</text>` +
        svg.replace("<svg", `<svg x="${x}" y="${y + head}"`),
    );
  }
  const [w, h] = [columns * (width + gap) + gap, heights.reduce((sum, one) => sum + one + gap, gap)];
  const fonts = await fontRules();
  return {
    width: w,
    height: h,
    text:
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${w}" height="${h}" ` +
      `viewBox="0 0 ${w} ${h}" font-family="'Source Sans', sans-serif"><style>${fonts}</style>` +
      `<rect width="${w}" height="${h}" fill="${palette.paper}"/>${parts.join("")}</svg>`,
  };
}

async function rastered({ text, width, height }) {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  await image.decode();
  const canvas = element("canvas", { width: 2 * width, height: 2 * height });
  canvas.getContext("2d").drawImage(image, 0, 0, 2 * width, 2 * height);
  URL.revokeObjectURL(image.src);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function nameOf(answer) {
  return /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
}

/**
 * The row of buttons; `source()` gives {token, keep, panels, Plotly, palette, name}. `page` is told:
 * say(words), fetched(), and missing(reached) when a file does not come.
 */
export class Keep {
  constructor(base, source, page) {
    this.base = base;
    this.source = source;
    this.page = page;
    this.copies = COPIES.map(([action, words, icon]) => this.#button(action, words, icon, (node) => this.#copy(action, node)));
    this.files = FILES.map(([kind, words, icon]) =>
      element("a", { class: "button", "data-action": kind, download: true, onclick: (event) => this.#fetch(event) }, icon ? glyph(icon) : null, words),
    );
    this.pictures = PICTURES.map(([kind, words]) =>
      element("button", { type: "button", "data-action": kind, onclick: () => this.#picture(kind) }, words),
    );
    this.provenance = element("span", { class: "provenance" });
    this.node = element(
      "div",
      { class: "keep", role: "group", "aria-label": "Keep" },
      element("h3", {}, "Keep"),
      ...this.copies,
      ...this.files,
      ...this.pictures,
      this.provenance,
    );
  }

  show(view, token) {
    FILES.forEach(([kind], i) => {
      this.files[i].href = new URL(`files/${encodeURIComponent(token)}/run.${kind}`, this.base);
    });
    this.provenance.textContent = view.provenance ?? [`seeds ${view.seeds}`, view.dtype, view.device].filter(Boolean).join(", ");
    const { keep } = this.source();
    COPIES.forEach(([action], i) => (this.copies[i].hidden = !keep[action]));
  }

  #button(action, words, icon, onclick) {
    const node = element(
      "button",
      { type: "button", "data-action": action },
      icon ? glyph(icon) : null,
      element("span", { class: "stack" }, element("span", {}, words), element("span", { class: "off" }, "copied")),
    );
    node.addEventListener("click", () => onclick(node));
    return node;
  }

  async #copy(action, node) {
    const text = this.source().keep[action];
    await copied(action === "permalink" ? new URL(text, location.href).href : text);
    const [words, done] = node.querySelector(".stack").children;
    words.classList.add("off");
    done.classList.remove("off");
    this.page.say("copied");
    setTimeout(() => {
      words.classList.remove("off");
      done.classList.add("off");
    }, SAID_MS);
  }

  /** Saves a file of the run once the server has given it, so that a refusal can be said. */
  async #fetch(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const { href } = event.currentTarget;
    if (this.fetching === href) return;
    this.fetching = href;
    try {
      const answer = await fetch(href);
      if (!answer.ok) {
        this.page.missing(answer.status === 404);
        return;
      }
      saved(await answer.blob(), nameOf(answer) ?? href.split("/").at(-1));
      this.page.fetched();
    } catch {
      this.page.missing(false);
    } finally {
      this.fetching = null;
    }
  }

  async #picture(kind, only = null) {
    const { panels, Plotly, palette, name, settle } = this.source();
    if (!Plotly) return;
    settle();
    const drawing = await picture(only ? [only] : panels, Plotly, palette);
    const stem = only ? `${name}-${only.spec.id}` : name;
    const svg = new Blob([drawing.text], { type: "image/svg+xml" });
    saved(kind === "png" ? await rastered(drawing) : svg, `${stem}.${kind}`);
  }

  /** One panel as an SVG file. */
  save(panel) {
    return this.#picture("svg", panel);
  }
}
