// Says why a page stays empty: of every page, and alone, since Streamlit draws nothing without its socket.

// After the page was asked for, where the clock of `performance` begins.
const AFTER_MS = 4000;
const HANGING_MS = 3500;
const LOOK_MS = 200;
const HEALTH_MS = 2000;
const BLOCKED =
  "The connection this page needs does not open: something between your browser and the server blocks WebSockets. " +
  "Ask for WebSockets to be allowed for this address, or open it without the proxy.";
const BASE = new URL("../../", import.meta.url);

/** When the socket that is not open yet was begun: @type {number | null} */
let connecting = null;
let failed = false;
/** @type {HTMLElement | null} */
let banner = null;
let asking = false;
let healthy = false;

/** @returns {HTMLElement | null} */
function app() {
  return document.querySelector("[data-testid=stApp]");
}

/** Whether an element is there with something in it that is not the grey stand-in. */
function isDrawn() {
  const elements = document.querySelectorAll("[data-testid=stMainBlockContainer] [data-testid=stElementContainer]");
  return [...elements].some((one) => one.firstElementChild && !one.querySelector("[data-testid=stAppSkeleton]"));
}

/** Follows Streamlit's socket; it tries again and again. */
function follow() {
  const state = app()?.dataset.testConnectionState;
  if (state === "CONNECTED") {
    connecting = null;
    failed = false;
  } else if (state === "CONNECTING") connecting ??= performance.now();
  else if (connecting !== null) {
    connecting = null;
    failed = true;
  }
}

/** Whether Streamlit's socket has been seen to fail, or hangs. */
function isRefused() {
  return failed || (connecting !== null && performance.now() - connecting > HANGING_MS);
}

/** Whether the server itself answers; where it is silent, Streamlit says so. */
async function askServer() {
  asking = true;
  try {
    const answer = await fetch(new URL("_stcore/health", BASE), { cache: "no-store", signal: AbortSignal.timeout(HEALTH_MS) });
    healthy = answer.ok;
  } catch {
    healthy = false;
  }
  asking = false;
}

function isDark() {
  const channels = getComputedStyle(app() ?? document.body).backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [];
  if (channels.length < 3 || channels[3] === 0) return matchMedia("(prefers-color-scheme: dark)").matches;
  return channels[0] + channels[1] + channels[2] < 3 * 128;
}

/** @param {string | URL} name */
function styles(name) {
  const href = new URL(name, BASE).href;
  if (document.querySelector(`link[href="${href}"]`)) return;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  document.head.append(link);
}

function show() {
  styles("lmx/palette.css");
  styles(new URL("connection.css", import.meta.url));
  banner = document.createElement("p");
  banner.id = "lmx-connection";
  banner.setAttribute("role", "alert");
  banner.dataset.mode = isDark() ? "dark" : "light";
  banner.textContent = BLOCKED;
  document.body.append(banner);
}

function look() {
  if (isDrawn()) {
    clearInterval(timer);
    watcher.disconnect();
    banner?.remove();
  } else if (!isRefused()) {
    banner?.remove();
    banner = null;
  } else if (!healthy) {
    if (!asking) askServer();
  } else if (!banner && performance.now() > AFTER_MS) show();
}

const watcher = new MutationObserver(follow);
watcher.observe(document, { subtree: true, childList: true, attributeFilter: ["data-test-connection-state"] });
const timer = setInterval(look, LOOK_MS);
