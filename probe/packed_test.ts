/** What is checked in is what the sources make. */
import assert from "node:assert/strict";
import { probeProgram } from "../lib/mtls/probe_program.ts";
import { bench } from "./testing_probes.ts";

Deno.test("the packed program is that of the sources", async () => {
  await using place = await bench();
  const fresh = await Deno.readTextFile(`${place.folder}/probe.mjs`);

  assert.equal(probeProgram(), fresh, "run deno task probe");
});
