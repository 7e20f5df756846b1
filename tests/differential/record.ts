/**
 * `deno task differential record`: keeps what the real parts say of the documents that the
 * ordinary tests judge, for machines without Go.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { READING } from "../../lib/spiffe/testing_bundles.ts";
import { allDocuments } from "../../lib/spiffe/testing_documents.ts";
import { ask } from "./reference.ts";

const FILE = new URL("../../lib/spiffe/testdata/recorded_verdicts.json", import.meta.url);

/** Asks, and writes the answers by the documents' names; answers how many there are. */
export async function record(path: string): Promise<number> {
  const documents = [...allDocuments()];
  const answers = await ask(
    path,
    documents.map(([, text]) => ({
      kind: "bundle",
      trustDomain: READING.trustDomain,
      bytes: new TextEncoder().encode(text),
    })),
  );
  const recorded = documents.map(([name], at) => [name, answers[at]] as const);
  writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(recorded), null, 2)}\n`);
  return recorded.length;
}
