/** What is known of a server before anything is planned. */
import assert from "node:assert/strict";
import type { Cluster } from "../cluster/cluster.ts";
import { NOW, root, svid } from "../endpoint/testing_certificates.ts";
import { type CollectOptions, collectStored } from "./collect.ts";
import { declaration, EDGE, facts, side } from "./peer/testing_sides.ts";
import type { Allowed, Side, Stored, Vouched } from "./side.ts";

type Known = Awaited<ReturnType<typeof collectStored>>;

/** What is known of east, whose server says this of west. */
async function collected(cluster: Partial<Cluster>, allowed: Allowed): Promise<Known> {
  const declared = [await declaration()];
  const sides: readonly Side[] = [
    await side("east", { allowed, declared }),
    await side("west", { allowed }),
  ];
  const west = (await facts()).vouched.get("west");
  assert.ok(west);
  const issuer = await root("apps.west.example");
  const leaf = await svid(issuer, "spiffe://apps.west.example/spire/server", {
    notBefore: new Date("2026-11-24T11:00:00Z"),
  });
  const vouched: Vouched = { ...west, chain: [leaf.der] };
  const never: Pick<CollectOptions, "now" | "signal"> = {
    now: () => NOW,
    signal: new AbortController().signal,
  };
  return await collectStored(sides, [EDGE], {
    ...never,
    clusterOf: () => ({ name: "east", ...cluster }) as Cluster,
    vouched: new Map([["west", vouched]]),
    sleep: () => Promise.reject(new Error("waited")),
    waitingFor: () => {},
  });
}

function logging(
  ...lines: readonly (readonly [time: string, message: string])[]
): Partial<Cluster> {
  const text = lines.map(([time, message]) =>
    `2026-11-24T${time}Z level=info msg="${message}" trust_domain=apps.west.example\n`
  );
  return { logs: () => Promise.resolve(text.join("")) };
}

Deno.test("a log shows a relationship refreshing only by a success under the present certificate", async () => {
  const refreshing = async (cluster: Partial<Cluster>): Promise<boolean> => {
    const { trustDomain } = await side("west");
    return (await collected(cluster, { exec: false, logs: true })).refreshing("east", trustDomain);
  };

  assert.ok(await refreshing(logging(["11:30:00", "Bundle refreshed"])));
  assert.ok(!await refreshing(logging(["10:30:00", "Bundle refreshed"])), "before the certificate");
  assert.ok(!await refreshing(logging(["11:30:00", "Error updating bundle"])), "a failure");
  assert.ok(
    !await refreshing(
      logging(["11:30:00", "Bundle refreshed"], ["11:40:00", "Error updating bundle"]),
    ),
    "a failure after a success",
  );
});

Deno.test("a stored bundle that cannot be read is there, and authenticates nobody", async () => {
  const header = (name: string): string => `${"*".repeat(40)}\n* ${name}\n${"*".repeat(40)}\n`;
  const exec = (stdout: string): Partial<Cluster> => ({
    exec: () => Promise.resolve({ code: 0, stdout, stderr: "" }),
  });
  const stored = async (stdout: string): Promise<Stored> => {
    const { trustDomain } = await side("west");
    return (await collected(exec(stdout), { exec: true, logs: true })).stored("east", trustDomain);
  };

  const unreadable = await stored(`${header("apps.west.example")}{"keys": 7}\n`);

  assert.deepEqual(await stored(""), { state: "absent" });
  assert.equal(unreadable.state, "present");
  assert.ok("bundle" in unreadable);
  assert.deepEqual(unreadable.bundle.x509Authorities, []);
});
