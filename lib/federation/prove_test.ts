/** What counts as proof of a direction where only the server's log may be read. */
import assert from "node:assert/strict";
import type { Cluster } from "../cluster/cluster.ts";
import type { Bundle } from "../spiffe/model.ts";
import { parseBundle, parseTrustDomain } from "../spiffe/mod.ts";
import { type ProofTools, proveEdge } from "./prove.ts";
import type { Side, Vouched } from "./side.ts";

const WRITTEN_AT = new Date("2026-03-02T09:00:00Z");
const WEST = parseTrustDomain("apps.west.example");
const EDGE = { holder: "east", peer: "west" };

async function bundleOf(file: string): Promise<Bundle> {
  const bytes = await Deno.readFile(new URL(`../../tests/fixtures/${file}.json`, import.meta.url));
  const { bundle } = parseBundle(bytes, { trustDomain: WEST, now: WRITTEN_AT });
  assert.ok(bundle);
  return bundle;
}

function refreshedAt(time: string): string {
  return `${time} time="${time}" level=info msg="Bundle refreshed" trust_domain=${WEST}\n`;
}

/** A run that wrote at {@linkcode WRITTEN_AT}, and a clock that goes on with each wait. */
async function afterWrite(log: string, servedNow = "west"): Promise<ProofTools> {
  const side = (cluster: string, allowed: Side["allowed"]): Side =>
    ({ cluster, trustDomain: parseTrustDomain(`apps.${cluster}.example`), allowed }) as Side;
  const vouched = async (file: string): Promise<Vouched> => ({
    bundle: await bundleOf(file),
    source: "https://federation.apps.west.example",
    chain: [new Uint8Array([1])],
    problems: [],
  });
  let passed = 0;
  return {
    cluster: { name: "east", logs: () => Promise.resolve(log) } as unknown as Cluster,
    holder: side("east", { exec: false, logs: true }),
    peer: side("west", { exec: true, logs: true }),
    vouched: await vouched("west"),
    refetch: () => vouched(servedNow),
    logMark: WRITTEN_AT,
    written: true,
    since: WRITTEN_AT,
    waiting: () => {},
    now: () => new Date(WRITTEN_AT.getTime() + passed),
    sleep: (milliseconds) => {
      passed += milliseconds;
      return Promise.resolve();
    },
    signal: new AbortController().signal,
  };
}

Deno.test("a line of the log that is older than the write proves nothing", async () => {
  const tools = await afterWrite(refreshedAt("2026-03-02T08:59:59Z"));

  assert.equal((await proveEdge(EDGE, tools)).state, "applied");
});

Deno.test("a line of the log after the write proves it, while the same authorities are served", async () => {
  const log = refreshedAt("2026-03-02T09:00:01Z");

  assert.equal((await proveEdge(EDGE, await afterWrite(log))).state, "trusted");
  assert.equal((await proveEdge(EDGE, await afterWrite(log, "east"))).state, "applied");
});
