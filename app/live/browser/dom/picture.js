// The panels as one picture, with the page's own fonts, so that it looks the same everywhere.

import { element, plain } from "./words.js";

/** @import { Panel } from "../panels/panel.js" */
/** @import { Plotly } from "../panels/plotly.js" */
/** @import { Palette } from "../session/page.js" */
/** @import { Picture } from "./types.js" */

const FAMILIES = /source sans|katex_math/i;

/** The page's font files as CSS, each packed into its rule. */
async function fontRules() {
  const rules = [...document.styleSheets].flatMap((sheet) => {
    try {
      const faces = [...sheet.cssRules].filter((rule) => rule instanceof CSSFontFaceRule);
      return faces.map((rule) => ({ rule, base: sheet.href }));
    } catch {
      return []; // a sheet of another origin does not tell its rules
    }
  });
  const used = rules.filter(({ rule }) => FAMILIES.test(rule.style.getPropertyValue("font-family")) && !/bold/i.test(rule.cssText.split("src")[0]));
  const texts = await Promise.all(
    used.map(async ({ rule, base }) => {
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

/**
 * The SVG of a data address.
 * @param {string} url
 */
function inner(url) {
  return decodeURIComponent(url.slice(url.indexOf(",") + 1)).replace(/^<\?xml[^>]*\?>/, "");
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}

/**
 * The panels as one SVG text, in the present colours.
 * @param {Panel[]} panels
 * @param {Plotly} Plotly
 * @param {Palette} palette
 * @returns {Promise<Picture>}
 */
export async function picture(panels, Plotly, palette) {
  const drawn = panels.filter((panel) => panel.figure.data);
  const columns = drawn.length > 1 ? 2 : 1;
  const head = 34;
  const gap = 16;
  const width = Math.max(...drawn.map((panel) => panel.plot.clientWidth));
  /** @type {number[]} */
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

/**
 * The same as a PNG of twice the size.
 * @param {Picture} picture
 * @returns {Promise<Blob>}
 */
export async function rastered({ text, width, height }) {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  await image.decode();
  const canvas = element("canvas", { width: 2 * width, height: 2 * height });
  canvas.getContext("2d")?.drawImage(image, 0, 0, 2 * width, 2 * height);
  URL.revokeObjectURL(image.src);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the picture is too large"))), "image/png");
  });
}
