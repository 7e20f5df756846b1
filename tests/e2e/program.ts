/**
 * The program under test, run as a user runs it: a process, with a kubeconfig.
 *
 * @module
 */
import { join } from "node:path";
import type { Json } from "./api.ts";
import { RUN } from "./paths.ts";
import { type Finished, run } from "./process.ts";
import { type Site, SITES } from "./topology.ts";

const SOURCE = new URL("../../mod.ts", import.meta.url).pathname;

/** `SPIREFED_E2E_PROGRAM` names an installed program to be tested in place of the source. */
const PROGRAM = Deno.env.get("SPIREFED_E2E_PROGRAM")?.split(" ") ??
  [Deno.execPath(), "run", "--no-prompt", "--allow-all", SOURCE];

/** Runs a command line. */
export async function spirefed(
  words: readonly string[],
  { stdin, kubeconfig, interruptAfterSeconds }: {
    readonly stdin?: string;
    readonly kubeconfig?: string;
    /** When somebody presses Ctrl-C. */
    readonly interruptAfterSeconds?: number;
  } = {},
): Promise<Finished> {
  const press = interruptAfterSeconds === undefined
    ? []
    : ["timeout", "--preserve-status", "--signal=INT", `${interruptAfterSeconds}`];
  return await run([...press, ...PROGRAM, ...words] as unknown as [string, ...string[]], {
    ...(stdin === undefined ? {} : { stdin }),
    env: { NO_COLOR: "1", ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }) },
  });
}

/** Runs a command line that somebody may end before it has ended by itself. */
export function begin(
  words: readonly string[],
  kubeconfig?: string,
  output: "null" | "piped" = "null",
): Deno.ChildProcess {
  const [program, ...args] = [...PROGRAM, ...words] as [string, ...string[]];
  const env = { NO_COLOR: "1", ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }) };
  return new Deno.Command(program, { args, env, stdin: "null", stdout: output, stderr: output })
    .spawn();
}

/** What became of a command line whose output is piped. */
export async function resultOf(
  child: Deno.ChildProcess,
): Promise<Finished & { readonly signal: Deno.Signal | null }> {
  const { code, signal, stdout, stderr } = await child.output();
  const text = new TextDecoder();
  return { code, signal, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** Runs a command line and ends it with SIGKILL when it is time; answers whether it was. */
export async function spirefedKilledWhen(
  words: readonly string[],
  isTime: () => Promise<boolean>,
): Promise<boolean> {
  const child = begin(words);
  let isOver = false;
  const status = child.status.finally(() => isOver = true);
  while (!isOver) {
    if (await isTime()) {
      if (!isOver) child.kill("SIGKILL");
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return (await status).signal === "SIGKILL";
}

/** How many real writes of people and their programs every API server has recorded. */
export async function countWrites(): Promise<number> {
  const logs = await Promise.all(SITES.map(auditLog));
  return logs.flat().flatMap(writeOf).filter(({ dryRun }) => !dryRun).length;
}

/** One write, as an API server recorded it. */
export interface RecordedWrite {
  readonly verb: string;
  readonly resource: string;
  readonly name: string;
  readonly dryRun: boolean;
}

/** Runs `work` and answers what people and their programs wrote meanwhile, cluster by cluster. */
export async function writesDuring(
  work: () => Promise<void>,
): Promise<ReadonlyMap<string, readonly RecordedWrite[]>> {
  const before = new Map<string, number>();
  for (const site of SITES) before.set(site.name, (await auditLog(site)).length);
  await work();
  const found = new Map<string, readonly RecordedWrite[]>();
  for (const site of SITES) {
    const lines = (await auditLog(site)).slice(before.get(site.name) ?? 0);
    found.set(site.name, lines.flatMap(writeOf));
  }
  return found;
}

async function auditLog({ name }: Site): Promise<readonly string[]> {
  const text = await Deno.readTextFile(join(RUN, name, "logs/audit.log"));
  return text.split("\n").filter((line) => line !== "");
}

/** The stand-ins work as administrator too; they say who they are in the field manager. */
function writeOf(line: string): readonly RecordedWrite[] {
  const { verb, objectRef = {}, requestURI }: Json = JSON.parse(line);
  const { resource = "", name = "", subresource } = objectRef;
  if (resource === "selfsubjectaccessreviews" || subresource === "status") return [];
  if (requestURI.includes("fieldManager=zero-trust-workload-identity-manager")) return [];
  return [{ verb, resource, name, dryRun: requestURI.includes("dryRun=All") }];
}
