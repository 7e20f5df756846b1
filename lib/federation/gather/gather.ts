/**
 * `gather`: one archive of all clusters, to look at later or to hand on.
 *
 * @module
 */
import { joined } from "../../bytes.ts";
import type { Context, NewFile } from "../../context.ts";
import type { FailureKind } from "../../errors.ts";
import { LiveLine } from "../../output/live_line.ts";
import type { GatherReportResult } from "../../output/status_result.ts";
import { counted } from "../../output/text/paragraph.ts";
import { look, type LookRequest, openAll } from "../facts/look.ts";
import type { Snapshot } from "../facts/facts.ts";
import { itemsOf } from "../facts/section.ts";
import { archiveOf } from "./archive.ts";
import { writeTar } from "./tar.ts";

/** The command line of `gather`, understood. */
export interface GatherRequest extends LookRequest {
  readonly out: string;
  /** Of this program; stands in the archive. */
  readonly version: string;
}

/** What was written, and the failure that it stands for. */
export interface GatherAnswer {
  readonly result: GatherReportResult;
  readonly failure: FailureKind | undefined;
}

/** Megabytes that a cluster comes to at most, before compression: its logs' limits. */
const MOST_PER_CLUSTER = 12;

/**
 * Gathers.
 *
 * @throws {SpirefedError} `preflight`, when the file cannot be made: nothing was asked of any cluster.
 */
export async function gather(request: GatherRequest, context: Context): Promise<GatherAnswer> {
  const { createFile } = context;
  if (createFile === undefined) throw new Error("this context writes no files");
  const watchers = await openAll(request, context);
  const file = await createFile(request.out);
  const live = new LiveLine(context);
  try {
    const { length } = watchers.candidates;
    live.say(
      `${counted(length, "context")}: at most ${length * MOST_PER_CLUSTER} MB before compression`,
    );
    live.waitingFor(`the facts of ${counted(length, "cluster")}`);
    const { connectTo } = request;
    const seen = await look(watchers, { connectTo, context, deep: true, refresh: false });
    live.clear();
    return await write({ ...seen, version: request.version }, file, request.out);
  } catch (error) {
    await file.discard();
    throw error;
  } finally {
    live.clear();
  }
}

async function write(snapshot: Snapshot, file: NewFile, path: string): Promise<GatherAnswer> {
  const files = archiveOf(snapshot);
  const packed = await compressed(writeTar(files, new Date(snapshot.takenAt)));
  await file.write(packed);
  await file.keep();
  const clusters = snapshot.clusters.map(({ name, failure, objects, logs }) => ({
    name,
    problem: failure?.message ?? null,
    objects: Object.values(objects).reduce((sum, one) => sum + itemsOf(one).length, 0),
    logs: Object.values(logs).filter(({ state }) => state === "read").length,
  }));
  const partial = clusters.some(({ problem }) => problem !== null);
  return {
    result: {
      kind: "GatherReport",
      file: path,
      bytes: packed.length,
      unpackedBytes: files.reduce((sum, { content }) => sum + content.length, 0),
      members: files.map(({ name }) => name),
      clusters,
    },
    failure: partial ? "partial" : undefined,
  };
}

async function compressed(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([new Uint8Array(bytes)]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return joined(parts);
}
