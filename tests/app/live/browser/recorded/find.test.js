import assert from "node:assert/strict";
import { test } from "node:test";

import { says } from "../../../../../app/live/browser/recorded/find.js";

test("every typed word must begin some word of what is said", () => {
  const said = "Edge of stability: J. Cohen 2103.00065, gradient_descent";
  for (const typed of ["", "edge", "STAB coh", "2103.00065", "descent", "Cöhen"]) assert.ok(says(typed, said), typed);
  for (const typed of ["table", "edge x", "00065"]) assert.ok(!says(typed, said), typed);
});
