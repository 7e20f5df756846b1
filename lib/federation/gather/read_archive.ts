/**
 * Reads an archive that gather wrote: somebody else's file, hostile until read.
 *
 * @module
 */
import * as v from "valibot";
import { readUpTo } from "../../bytes.ts";
import type { Context } from "../../context.ts";
import { SpirefedError } from "../../errors.ts";
import { printable } from "../../output/printable.ts";
import { type LogFact, type Snapshot, snapshotSchema } from "../facts/facts.ts";
import { FACTS, logOf } from "./archive.ts";
import { readTar } from "./tar.ts";

/** An archive of hundreds of clusters is smaller. */
const UNPACKED_LIMIT = 512 * 1024 * 1024;

/**
 * The snapshot in an archive.
 *
 * @throws {SpirefedError} `usage`, when it is no archive of gather's.
 */
export async function readArchive(
  path: string,
  { readFile }: Pick<Context, "readFile">,
): Promise<Snapshot> {
  const bytes = await readFile(path);
  const files = readTar(await unpacked(bytes, path));
  const facts = files.get(FACTS);
  if (facts === undefined) throw notOurs(path, `it holds no ${FACTS}`);
  const logs = new Map<number, Record<string, LogFact>>();
  for (const [name, content] of files) {
    const log = logOf(name);
    if (log === undefined) continue;
    const own = logs.get(log.cluster) ?? {};
    own[log.name] = { state: "read", text: new TextDecoder().decode(content) };
    logs.set(log.cluster, own);
  }
  const snapshot = parsed(facts, path);
  return {
    ...snapshot,
    clusters: snapshot.clusters.map((cluster, index) => ({
      ...cluster,
      logs: { ...cluster.logs, ...logs.get(index) ?? {} },
    })),
  };
}

function parsed(bytes: Uint8Array, path: string): Snapshot {
  try {
    const result = v.safeParse(snapshotSchema, JSON.parse(new TextDecoder().decode(bytes)));
    if (result.success && result.output.clusters.every(({ at }) => isTime(at))) {
      return result.output;
    }
    const [issue] = result.issues ?? [];
    throw notOurs(
      path,
      issue === undefined ? "a time in it is none" : `${v.getDotPath(issue)}: ${issue.message}`,
    );
  } catch (error) {
    if (error instanceof SpirefedError) throw error;
    throw notOurs(path, `${FACTS} is no JSON`);
  }
}

function isTime(text: string): boolean {
  return !Number.isNaN(new Date(text).getTime());
}

async function unpacked(bytes: Uint8Array, path: string): Promise<Uint8Array> {
  try {
    const stream = new Blob([new Uint8Array(bytes)]).stream()
      .pipeThrough(new DecompressionStream("gzip"));
    const tooMuch = (): SpirefedError => notOurs(path, "it unpacks to more than 512 MiB");
    return await readUpTo(stream, UNPACKED_LIMIT, tooMuch);
  } catch (error) {
    if (error instanceof SpirefedError) throw error;
    throw notOurs(path, "it is not compressed by gzip, or is cut short");
  }
}

function notOurs(path: string, why: string): SpirefedError {
  return new SpirefedError(
    "usage",
    `${printable(path)} is no archive that gather wrote: ${printable(why, 300)}`,
    { code: "archive/foreign", remedy: "oc spirefed gather --out FILE" },
  );
}
