/** That nothing of `test-mtls` stays, whatever happens while it cleans up. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import type { Context } from "../lib/context.ts";
import { SpirefedError } from "../lib/errors.ts";
import { type Practice, practice } from "./support/practice.ts";
import { leftIn, scripted, withCluster } from "./support/scripted_probes.ts";

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly practice: Practice;
}

async function run(
  words: readonly string[],
  change: (context: Context, practice: Practice) => Context,
): Promise<Ran> {
  const one = await practice();
  assert.equal(await main(["peer", "east", "west"], one.context), 0);
  one.context.out.length = 0;
  const code = await main([...words], change(scripted(one), one));
  return { code, out: one.context.out.join(""), err: one.context.err.join(""), practice: one };
}

Deno.test("a creation that is carried out after it was given up leaves nothing", async () => {
  let late: (() => Promise<unknown>) | undefined;
  const { code, practice } = await run(
    ["test-mtls", "east", "west"],
    (context) =>
      withCluster(context, (cluster) => ({
        create: (manifest, options) => {
          if (cluster.name !== "west" || manifest.kind !== "Namespace") {
            return cluster.create(manifest, options);
          }
          late = () => cluster.create(manifest, options);
          return Promise.reject(new SpirefedError("preflight", "[west] timed out"));
        },
        get: async (resource, name, at) => {
          const held = await cluster.get(resource, name, at);
          if (resource.kind === "Namespace" && cluster.name === "west") {
            await late?.();
            late = undefined;
          }
          return held;
        },
      })),
  );

  assert.equal(code, 3);
  assert.deepEqual(leftIn(practice), []);
});

Deno.test("a cluster that cannot be opened for cleaning is named, and the other is cleaned", async () => {
  let opened = 0;
  const { code, out, err, practice } = await run(["test-mtls", "east", "west"], (context) => ({
    ...context,
    openCluster: async (name, access) => {
      if (name === "east" && ++opened > 1) {
        throw new SpirefedError("preflight", "the credential plugin failed");
      }
      return await context.openCluster(name, access);
    },
  }));

  assert.equal(code, 0);
  assert.match(out, /west → east: passed/);
  assert.match(err, /warning: \[east\] not removed: the credential plugin failed/);
  assert.deepEqual(leftIn(practice).filter((name) => name.startsWith("west")), []);
  assert.ok(leftIn(practice).includes("east Pod/server"));
});

Deno.test("pods that cannot be looked for cost no verdict", async () => {
  let looks = 0;
  const { code, out, err } = await run(
    ["test-mtls", "east", "west"],
    (context) =>
      withCluster(context, (cluster) => ({
        get: (resource, name, at) => {
          // What removes looks once for each pod before it looks whether it is gone.
          if (resource.kind === "Pod" && name === "unfederated" && ++looks > 2) {
            return Promise.reject(new SpirefedError("preflight", "[west] connection refused"));
          }
          return cluster.get(resource, name, at);
        },
      })),
  );

  assert.equal(code, 0, err);
  assert.match(out, /west → east: passed/);
  assert.match(
    err,
    /warning: \[west\] all is deleted; whether it is gone cannot be seen: .*refused/,
  );
});

Deno.test("a route that cannot be read is no obstacle where the call through it was answered", async () => {
  const { code, out } = await run(
    ["test-mtls", "east", "west"],
    (context) =>
      withCluster(context, (cluster) => ({
        get: (resource, name, at) =>
          resource.kind === "Route" && name === "server"
            ? Promise.reject(new SpirefedError("preflight", "[east] timed out"))
            : cluster.get(resource, name, at),
      })),
  );

  assert.equal(code, 0);
  assert.match(out, /mtls\/route +skipped: the route could not be read/);
  assert.match(out, /west → east: passed/);
});

Deno.test("--cleanup goes by the cluster's clock: one that is wrong here ends no run at work", async () => {
  const { practice } = await run(["test-mtls", "east", "west", "--keep"], (context) => context);
  const before = leftIn(practice);
  const now = (): Date => new Date(practice.context.now().getTime() + 7_200_000);
  const ahead = withCluster({ ...practice.context, now }, (cluster) => ({
    server: { ...cluster.server, clock: () => ({ server: practice.context.now(), local: now() }) },
  }));

  assert.equal(await main(["test-mtls", "--cleanup", "east", "west"], ahead), 0);
  assert.deepEqual(leftIn(practice), before);
});
