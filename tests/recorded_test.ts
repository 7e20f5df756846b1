/**
 * What was seen of real clusters, judged again: archives that `gather` wrote in the end-to-end
 * suite (`SPIREFED_E2E_RECORD`), each named for the check that must be named first.
 */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { practice } from "./support/practice.ts";

const FOLDER = new URL("fixtures/recorded/", import.meta.url);

for await (const { name } of Deno.readDir(FOLDER)) {
  if (!name.endsWith(".tar.gz")) continue;
  const expected = name.replace(".tar.gz", "").replace("_", "/");
  Deno.test(`of real clusters, ${expected} is named first`, async () => {
    const archive = await Deno.readFile(new URL(name, FOLDER));
    const run = await practice({ files: { "case.tar.gz": archive } });

    const code = await main(["troubleshoot", "--from", "case.tar.gz", "-o", "json"], run.context);

    const { items } = JSON.parse(run.context.out.join(""));
    const named = items.filter(({ status }: { status: string }) =>
      status === "fail" || status === "warn"
    ).map(({ id }: { id: string }) => id);
    assert.equal(named[0] ?? "well", expected);
    assert.equal(run.calls.length, 0);
    if (expected === "well") assert.equal(code, 0);
  });
}
