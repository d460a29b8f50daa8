// What the document of a room's page says of it: app/room/pages.py.

/** @import { Given } from "./types.js" */

/** @returns {Given} */
export function given() {
  return JSON.parse(document.getElementById("page")?.textContent ?? "{}");
}
