/** What counts as proof of a direction. */
import assert from "node:assert/strict";
import type { Cluster } from "../cluster/cluster.ts";
import type { Bundle } from "../spiffe/model.ts";
import { parseBundle, parseTrustDomain, printBundle } from "../spiffe/mod.ts";
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

/** The same run by somebody who may exec; a server answers commands by their first two words. */
async function byCommands(
  answers: Readonly<Record<string, { readonly code?: number; readonly text?: string }>>,
  { written = true, servedNow = "west" } = {},
): Promise<{ readonly tools: ProofTools; readonly commands: readonly string[] }> {
  const commands: string[] = [];
  const exec: Cluster["exec"] = (_container, [, ...words]) => {
    const name = words.slice(0, 2).join(" ");
    commands.push(name);
    const { code = 0, text = "" } = answers[name] ?? {};
    return Promise.resolve({
      code,
      stdout: code === 0 ? text : "",
      stderr: code === 0 ? "" : text,
    });
  };
  const tools = await afterWrite("", servedNow);
  const cluster = { ...tools.cluster, exec };
  const holder = { ...tools.holder, allowed: { exec: true, logs: true } };
  return { tools: { ...tools, cluster, holder, written }, commands };
}

Deno.test("a refresh proves a direction only while what is stored is what is served", async () => {
  const stored = { "bundle list": { text: printBundle(await bundleOf("west")) } };
  const other = { "bundle list": { text: printBundle(await bundleOf("east")) } };

  const same = await proveEdge(EDGE, (await byCommands(stored)).tools);
  const differs = await proveEdge(EDGE, (await byCommands(other)).tools);
  // The peer rotated while this ran: what is served by now counts.
  const rotated = await proveEdge(EDGE, (await byCommands(other, { servedNow: "east" })).tools);
  const none = await proveEdge(EDGE, (await byCommands({})).tools);

  assert.deepEqual([same.state, rotated.state], ["trusted", "trusted"]);
  assert.deepEqual([differs.state, none.state], ["applied", "applied"]);
  assert.match(differs.reason ?? "", /not those that the endpoint serves/);
});

Deno.test("only a run that wrote something seeds a bundle while it proves", async () => {
  const unseeded = {
    "federation refresh": { code: 1, text: "Error: local copy of bundle not found" },
  };

  const wrote = await byCommands(unseeded);
  const wroteNothing = await byCommands(unseeded, { written: false });

  assert.equal((await proveEdge(EDGE, wrote.tools)).state, "applied");
  assert.equal((await proveEdge(EDGE, wroteNothing.tools)).state, "applied");
  assert.equal(wrote.commands.filter((command) => command === "bundle set").length, 1);
  assert.ok(!wroteNothing.commands.includes("bundle set"), wroteNothing.commands.join());
});
