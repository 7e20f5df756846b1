/**
 * The probe: a program of its own, run by a stock Node.js in a pod, where it finds its
 * orders in a file and its identity at the Workload API. It says what happens on
 * standard output, a line of JSON each, and never a key.
 *
 * @module
 */
import "./bytes.ts";
import { readFileSync } from "node:fs";
import process from "node:process";
import type { Orders, ProbeRecord } from "../lib/mtls/records.ts";
import { makeCalls } from "./caller.ts";
import { serve } from "./server.ts";
import { NoIdentity } from "./source.ts";
import { sayingOf } from "./tls_failure.ts";
import { makeVisits } from "./visitor.ts";

const OLDEST_NODE = 20;
const LONGEST_TEXT = 2_048;

/** Texts from a peer are cut: a record that is too long would count for nothing. */
function say(record: ProbeRecord): void {
  const cut = (_member: string, value: unknown): unknown =>
    typeof value === "string" ? value.slice(0, LONGEST_TEXT) : value;
  process.stdout.write(`${JSON.stringify(record, cut)}\n`);
}

async function run(file: string, socket: string): Promise<void> {
  say({ event: "started", runtime: `Node.js ${process.version}`, at: new Date().toISOString() });
  if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE) {
    throw new NoIdentity("runtime/too-old", `Node.js ${process.version}: 20 or newer is needed`);
  }
  const orders = JSON.parse(readFileSync(file, "utf8")) as Orders;
  if (orders.role === "server") await serve(orders, { socket, say });
  else {
    if (orders.role === "visitor") await makeVisits(orders, { socket, say });
    else await makeCalls(orders, { socket, say });
    process.exit(0);
  }
}

const [, , file = "", socket = "unix:///spiffe-workload-api/spire-agent.sock"] = process.argv;
process.on("SIGTERM", () => process.exit(0));
process.on("uncaughtException", giveUp);
run(file, socket).catch(giveUp);

function giveUp(error: unknown): void {
  const [code, message] = error instanceof NoIdentity
    ? [error.code, error.message]
    : ["probe/failed", sayingOf(error)];
  say({ event: "gave-up", code, message });
  process.exit(1);
}
