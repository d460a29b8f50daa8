// What a browser has and these tests have not: a clock that the test moves, sockets, a document.

/** A clock that stands until `pass(milliseconds)`; timers come due on the way. */
export function clockFor(t, { now = 1000 } = {}) {
  const clock = { now };
  t.mock.timers.enable({ apis: ["setTimeout"] });
  t.mock.method(performance, "now", () => clock.now);
  return {
    pass(milliseconds) {
      for (let i = 0; i < milliseconds; i += 1) {
        clock.now += 1;
        t.mock.timers.tick(1);
      }
    },
  };
}

/** Puts something in place of a name that all modules see, as long as the test runs. */
export function global(t, name, value) {
  const before = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  t.after(() => {
    if (before) Object.defineProperty(globalThis, name, before);
    else delete globalThis[name];
  });
  return value;
}

/** The document of a page of Streamlit's, whose app says how it is in its data attributes. */
export class FakeDocument extends EventTarget {
  hidden = false;
  app = { dataset: { testScriptState: "notRunning", testConnectionState: "CONNECTED" } };

  querySelector() {
    return this.app;
  }
}

/** Sockets as they are opened; the test speaks for the server. */
export function socketsFor(t) {
  const opened = [];
  class FakeSocket {
    static OPEN = 1;

    constructor(address) {
      this.address = String(address);
      this.readyState = 0;
      this.said = [];
      opened.push(this);
    }

    open() {
      this.readyState = FakeSocket.OPEN;
      this.onopen();
    }

    send(text) {
      this.said.push(JSON.parse(text));
    }

    hear(message) {
      this.onmessage({ data: message instanceof ArrayBuffer ? message : JSON.stringify(message) });
    }

    close(code = 1005) {
      if (this.readyState === 3) return;
      this.readyState = 3;
      this.onclose({ code });
    }
  }
  global(t, "WebSocket", FakeSocket);
  return opened;
}

/** A binary frame as app/live/server/frames.py packs it. */
export function packed({ start = 0, columns, snapshots = [], ...more }) {
  const names = Object.keys(columns);
  const rows = columns[names[0]].length;
  const heads = snapshots.map(({ values: _, ...head }) => head);
  const known = { v: 1, run: "a", source: 0, state: "running", error: "" };
  let text = JSON.stringify({ ...known, start, rows, columns: names, snapshots: heads, ...more });
  text += " ".repeat((8 - ((text.length + 4) % 8)) % 8);
  const parts = names.map((name) => new (name === "step" || name === "time" ? Float64Array : Float32Array)(columns[name]));
  parts.push(...snapshots.map(({ values }) => new Float32Array(values)));
  const bytes = new Uint8Array(4 + text.length + parts.reduce((sum, part) => sum + part.byteLength, 0));
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(new TextEncoder().encode(text), 4);
  let at = 4 + text.length;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer), at);
    at += part.byteLength;
  }
  return bytes.buffer;
}

/** Rows of a run whose time is its row. */
export function rowsFrom(start, count, more = {}) {
  const time = Array.from({ length: count }, (_, i) => start + i);
  return packed({ start, columns: { step: time.map((t) => 10 * t), time, c0: time.map((t) => t / 2) }, ...more });
}
