/**
 * Runs of `test-mtls`, and what is left of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Json } from "./api.ts";
import { openClusters } from "./clusters.ts";
import { imageReference } from "./images.ts";
import { spirefed } from "./program.ts";

const clusters = await openClusters();

/** What the probes run in. */
export const IMAGE = ["--image", imageReference("node")];

const REPEAT = ["--repeat", "20"];

/** A run, and its report. */
export interface Ran {
  readonly code: number;
  readonly report: Json;
  readonly stderr: string;
}

/** Runs it, 20 calls a direction, and demands that nothing of it is left. */
export async function testMtls(
  words: readonly string[],
  options: { readonly kubeconfig?: string } = {},
): Promise<Ran> {
  const ran = await testMtlsBesideOthers(words, options);
  assert.deepEqual(await leftovers(), [], "something of the run is left");
  return ran;
}

/** Runs it while others may. */
export async function testMtlsBesideOthers(
  words: readonly string[],
  options: { readonly kubeconfig?: string } = {},
): Promise<Ran> {
  const line = ["test-mtls", ...words, ...words.includes("--existing") ? [] : REPEAT, "-o", "json"];
  const { code, stdout, stderr } = await spirefed([...line, ...IMAGE], options);
  assert.ok(stdout.startsWith("{"), stderr);
  return { code, report: JSON.parse(stdout), stderr };
}

/** What still runs of any run, and what nobody would take away any more. */
export async function leftovers(): Promise<readonly string[]> {
  const found = await Promise.all(clusters.map(async ({ api, site }) => {
    const pods: readonly Json[] = await api.list("v1", "Pod");
    const ids: readonly Json[] = await api.list("spire.spiffe.io/v1alpha1", "ClusterSPIFFEID");
    const namespaces: readonly Json[] = await api.list("v1", "Namespace");
    return [...pods, ...ids, ...namespaces]
      .filter(({ metadata }) =>
        metadata.labels?.["spirefed/run"] !== undefined &&
        metadata.deletionTimestamp === undefined
      )
      .map(({ metadata }) => `${site.name} ${metadata.name}`);
  }));
  return found.flat();
}

/** What failed, a line each. */
export function failures({ report }: Ran): readonly string[] {
  return report.items.flatMap(({ status, subject, id, detail }: Json) =>
    status === "fail" ? [`${subject} ${id}: ${detail}`] : []
  );
}

/** Whether every call of every direction failed, as often as it was tried. */
export function everyCallFailed({ report }: Ran): boolean {
  return report.directions.every(({ handshakeMs, furtherCalls }: Json) =>
    handshakeMs === null && furtherCalls !== null && furtherCalls.made > 0 &&
    furtherCalls.answered === 0
  );
}

/** What a check said, of the first direction that has it. */
export function detailOf({ report }: Ran, id: string): string {
  return report.items.find((item: Json) => item.id === id)?.detail ?? "";
}
