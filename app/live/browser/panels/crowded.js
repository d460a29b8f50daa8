// Names of moments above a picture, where two of them have no room side by side.

/** @import { Layout } from "./plotly.js" */

const LETTER = 0.55;
const USUAL_SIZE = 14;
const APART_PX = 4;

/**
 * Moves names of predicted moments that would touch: of a crowd the first ends where it was centred,
 * the last begins there, and those between are left to the scrubber, which has them too.
 * @param {Layout} layout its x axis with a fixed range
 * @param {number} width of the whole picture
 */
export function uncrowd(layout, width) {
  const { xaxis, margin, annotations = [] } = layout;
  const range = xaxis?.range;
  if (!range || !annotations.length || !width) return;
  const inner = width - (margin?.l ?? 0) - (margin?.r ?? 0);
  const named = annotations
    .filter(({ name, xref, yref, y, visible }) => name === "prediction" && xref !== "paper" && yref === "paper" && Number(y) >= 1 && visible !== false)
    .map((mark) => ({
      mark,
      at: (inner * (Number(mark.x) - Number(range[0]))) / (Number(range[1]) - Number(range[0])),
      half: (LETTER * (mark.font?.size ?? USUAL_SIZE) * (mark.text ?? "").replace(/<[^>]*>/g, "").length) / 2,
    }))
    .sort((a, b) => a.at - b.at);
  /** @type {(typeof named)[]} */
  const crowds = [];
  for (const one of named) {
    const before = crowds.at(-1)?.at(-1);
    if (before && one.at - before.at < one.half + before.half + APART_PX) crowds.at(-1)?.push(one);
    else crowds.push([one]);
  }
  for (const crowd of crowds.filter(({ length }) => length > 1)) {
    crowd[0].mark.xanchor = "right";
    crowd[crowd.length - 1].mark.xanchor = "left";
    for (const { mark } of crowd.slice(1, -1)) mark.visible = false;
  }
}
