// What a page needs from where it lies: the way to its job, its rules, Plotly, and the files of a run.

import { Address } from "./dom/address.js";
import { styled } from "./dom/styles.js";
import { plotly } from "./panels/library.js";
import { Channel } from "./session/channel.js";

/** @import { Plotly } from "./panels/plotly.js" */
/** @import { Polling } from "./session/polling.js" */
/** @import { ChannelHandlers, Way } from "./session/types.js" */

/**
 * @typedef {object} Supplies
 * @property {(token: string, handlers: ChannelHandlers, polling: Polling) => Way} connect
 * @property {(shadow: ShadowRoot, files?: string[]) => Promise<unknown>} style nothing should be seen before it is done
 * @property {() => Promise<Plotly>} plotly
 * @property {(kind: string, token: string | null) => { href: string, name?: string } | null} file where a file of the
 *   run is; with its name where no server gives it one
 * @property {(whenIdle: (work: () => void) => void) => Pick<Address, "correct" | "read" | "write" | "leave">} address
 *   keeps the guess, and which picture is large
 * @property {boolean} [led] whether somebody else begins the run: then no key of the reader's does
 */

/** Files that are pages on paper, of the run or of what is known before it. */
const ON_PAPER = ["handout", "handout_blank"];
/** The folder of the explorer. */
export const BASE = new URL("../../", import.meta.url);

/** From the server that serves this module: @type {Supplies} */
export const SERVER = {
  address: (whenIdle) => new Address(whenIdle),
  connect: (token, handlers, polling) => new Channel(BASE, token, handlers, polling),
  style: (shadow, files) => styled(shadow, import.meta.url, files),
  plotly: () => plotly(BASE),
  file: (kind, token) => {
    const folder = new URL(`files/${encodeURIComponent(token ?? "")}/`, BASE);
    if (!ON_PAPER.includes(kind)) return { href: new URL(`run.${kind}`, folder).href };
    // What is printed on it leads back to here.
    return { href: new URL(`${kind}.pdf?server=${encodeURIComponent(BASE.href)}`, folder).href };
  },
};
