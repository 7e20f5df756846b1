/**
 * What people and their programs wrote, from the audit logs of the API servers.
 *
 * @module
 */
import { join } from "node:path";
import type { Json } from "./api.ts";
import { RUN } from "./paths.ts";
import { SITES } from "./topology.ts";

/** One write, as an API server recorded it. */
export interface RecordedWrite {
  readonly verb: string;
  readonly resource: string;
  readonly name: string;
  readonly dryRun: boolean;
}

/** A place in the audit logs: the length of each in bytes, by the cluster's name. */
export type Mark = ReadonlyMap<string, number>;

/** Where the logs end now. */
export async function markWrites(): Promise<Mark> {
  const marks = SITES.map(async ({ name }) => [name, (await Deno.stat(logOf(name))).size] as const);
  return new Map(await Promise.all(marks));
}

/** What was written since, cluster by cluster. */
export async function writesSince(
  mark: Mark,
): Promise<ReadonlyMap<string, readonly RecordedWrite[]>> {
  const found = SITES.map(async ({ name }) => {
    const lines = (await readFrom(logOf(name), mark.get(name) ?? 0)).split("\n");
    // What follows the last line break is still being written.
    return [name, lines.slice(0, -1).flatMap(writeOf)] as const;
  });
  return new Map(await Promise.all(found));
}

/** Runs `work` and answers what was written meanwhile, cluster by cluster. */
export async function writesDuring(
  work: () => Promise<void>,
): Promise<ReadonlyMap<string, readonly RecordedWrite[]>> {
  const mark = await markWrites();
  await work();
  return await writesSince(mark);
}

/** How many real writes there were since, in all clusters. */
export async function countWritesSince(mark: Mark): Promise<number> {
  const writes = [...(await writesSince(mark)).values()].flat();
  return writes.filter(({ dryRun }) => !dryRun).length;
}

function logOf(name: string): string {
  return join(RUN, name, "logs/audit.log");
}

async function readFrom(path: string, offset: number): Promise<string> {
  using file = await Deno.open(path);
  await file.seek(offset, Deno.SeekMode.Start);
  return await new Response(file.readable).text();
}

/** The stand-ins work as administrator too; they say who they are in the field manager. */
function writeOf(line: string): readonly RecordedWrite[] {
  const { verb, objectRef = {}, requestURI }: Json = JSON.parse(line);
  const { resource = "", name = "", subresource } = objectRef;
  if (resource === "selfsubjectaccessreviews" || subresource === "status") return [];
  if (requestURI.includes("fieldManager=zero-trust-workload-identity-manager")) return [];
  return [{ verb, resource, name, dryRun: requestURI.includes("dryRun=All") }];
}
