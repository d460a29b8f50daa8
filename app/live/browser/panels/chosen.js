// Which panels of a view are shown, where a link names them.

/** @import { View } from "../session/messages.js" */

/**
 * A view with the panels that are asked for, in that order, and a sentence for each that is not there; with
 * all of them where none is asked for or found. The panel that a guess goes into stays while one is made.
 * @param {View} view
 * @param {string[]} ids
 * @param {boolean} guesses
 * @returns {View}
 */
export function chosen(view, ids, guesses) {
  const { panels, asked } = view;
  const known = panels.map(({ id }) => id);
  const wanted = new Set(asked && guesses ? [...ids, asked.panel] : ids);
  const shown = [...wanted].flatMap((id) => panels.filter((panel) => panel.id === id));
  if (!ids.some((id) => known.includes(id))) shown.splice(0, shown.length, ...panels);
  const warnings = ids
    .filter((id) => !known.includes(id))
    .map((id) => ({ title: "From the link:", text: `there is no panel ${id} here; there are ${known.join(", ")}.` }));
  const drawn = shown.some(({ id }) => id === asked?.panel);
  return { ...view, panels: shown, asked: drawn ? asked : null, warnings: [...warnings, ...view.warnings] };
}
