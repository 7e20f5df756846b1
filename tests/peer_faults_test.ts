/**
 * What goes wrong while `peer` works, at every place where it can: whatever the fault,
 * nothing is lost, nothing is half-told, and the same command mends it.
 */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import type { Fault, FaultVerb } from "../sandbox/faults.ts";
import {
  declaredByHand,
  objectIn,
  routerDown,
  skewed,
  without,
  withoutKind,
} from "./support/ailments.ts";
import { FAULT_EFFECTS } from "./support/everywhere.ts";
import { type Practice, practice, type PracticeOptions } from "./support/practice.ts";

const NAMES = ["east", "west", "north"];

/** Verbs, and which calls of each there are to one of two clusters. */
const PLACES: readonly (readonly [FaultVerb, number, boolean | undefined])[] = [
  ["get", 1, undefined],
  ["list", 1, undefined],
  ["list", 2, undefined],
  ["can", 1, undefined],
  ["fetch", 1, undefined],
  ["apply", 1, true],
  ["apply", 1, false],
  ["exec", 1, undefined],
  ["exec", 2, undefined],
  ["exec", 3, undefined],
];

function declarations({ mount }: Practice): number {
  return [...mount.world.clusters.keys()].flatMap((name) => [...mount.cluster(name).objects.keys()])
    .filter((key) => key.startsWith("clusterfederatedtrustdomains/")).length;
}

async function survives(fault: Fault): Promise<void> {
  const run = await practice({ faults: [fault] });
  const line = ["peer", "east", "west"];

  const code = await main(line, run.context);
  const told = run.context.err.join("") + run.context.out.join("");

  assert.ok([0, 3, 4, 5].includes(code), `exit ${code}\n${told}`);
  if (code === 4 || code === 5) assert.equal(declarations(run), 0, `written at ${code}`);
  if (code === 0) assert.equal(told.match(/ {3}trusted: /g)?.length, 2, told);
  if (code === 3) assert.match(told, /applied, not proven|missing|not attempted|failed/);
  for (const [, first] of run.context.err.join("").matchAll(/^error: (.*)$/gm)) {
    assert.match(first ?? "", /^\[\w+\]|failures; nothing was written/);
  }
  assert.equal(await main(line, run.context), 0, `re-run: ${run.context.err.join("")}`);
  const writes = run.writes();
  assert.equal(await main(line, run.context), 0, "third run");
  assert.equal(run.writes(), writes, "the third run writes nothing");
}

for (const [name, effect] of Object.entries(FAULT_EFFECTS)) {
  Deno.test(`peer survives ${name} at every call, and a re-run mends it`, async () => {
    for (const [verb, nth, dryRun] of PLACES) {
      for (const cluster of ["east", "west"]) {
        const place = dryRun === undefined ? { nth } : { nth, dryRun };
        await survives({ ...effect, cluster, verb, ...place }).catch((cause) => {
          throw new Error(`${name} at ${verb} ${nth} of ${cluster}, dry run ${dryRun}`, { cause });
        });
      }
    }
  });
}

async function fails(options: PracticeOptions, line = ["peer", "east", "west"]): Promise<
  { run: Practice; code: number; told: string }
> {
  const run = await practice(options);
  const code = await main(line, run.context);
  return { run, code, told: run.context.err.join("") + run.context.out.join("") };
}

Deno.test("peer reports every cluster that is down, at once, and writes to none", async () => {
  const { run, code, told } = await fails({
    clusters: NAMES,
    faults: [
      { cluster: "east", verb: "*", reset: true },
      { cluster: "north", verb: "*", status: 401, reason: "Unauthorized" },
    ],
  }, ["peer", ...NAMES]);

  assert.equal(code, 5);
  assert.match(told, /error: \[east\]/);
  assert.match(told, /error: \[north\]/);
  assert.equal(run.writes(), 0);
});

Deno.test("peer names the permission that is missing, before it writes anywhere", async () => {
  for (const verb of ["create", "patch"]) {
    const { run, code, told } = await fails({
      patch: without("west", { verb, resource: "clusterfederatedtrustdomains" }),
    });

    assert.equal(code, 5);
    assert.match(told, new RegExp(`\\[west\\] needs ${verb} clusterfederatedtrustdomains`));
    assert.equal(run.writes(), 0);
  }
});

Deno.test("peer goes on where a write is denied only when it is made, and tells what stands", async () => {
  const { code, told } = await fails({
    faults: [{ cluster: "west", verb: "apply", dryRun: false, status: 403, reason: "Forbidden" }],
  });

  assert.equal(code, 3);
  assert.match(told, /✓ east → west +trusted/);
  assert.match(told, /✗ west → east\n +missing: \[west\] apply .*403/);
});

Deno.test("peer says that the operator is missing where its kinds are unknown", async () => {
  const { code, told } = await fails({
    patch: withoutKind("west", "clusterfederatedtrustdomains"),
  });

  assert.equal(code, 5);
  assert.match(told, /\[west\].*operator is missing/);
});

Deno.test("peer says why an endpoint cannot be reached, and what would help", async () => {
  const { run, code, told } = await fails({ patch: routerDown("west") });

  assert.equal(code, 5);
  assert.match(told, /\[west\] https:\/\/federation\.apps\.west\.example.*refused/);
  assert.equal(run.writes(), 0);
});

Deno.test("peer leaves another manager's field alone unless told to take it", async () => {
  const patch = declaredByHand("east", "west", "apps.west.example", {
    bundleEndpointURL: "https://old.example",
  });
  const alone = await fails({ patch });
  const told = await fails({ patch }, ["peer", "east", "west", "--adopt", "--yes"]);

  assert.equal(alone.code, 5);
  assert.equal(alone.run.writes(), 0);
  assert.equal(told.code, 0, told.told);
  const object = objectIn(
    told.run,
    "east",
    "clusterfederatedtrustdomains",
    "apps.west.example",
  );
  assert.match(JSON.stringify(object), /federation\.apps\.west\.example/);
});

Deno.test("peer interrupted between two writes tells what stands, and a re-run goes on", async () => {
  const run = await practice({ clusters: NAMES });
  const { openCluster } = run.context;
  const context = {
    ...run.context,
    openCluster: async (...words: Parameters<typeof openCluster>) => {
      const cluster = await openCluster(...words);
      return new Proxy(cluster, {
        get(target, verb, receiver): unknown {
          const found: unknown = Reflect.get(target, verb, receiver);
          if (typeof found !== "function") return found;
          if (verb !== "apply" || cluster.name !== "north") return found.bind(target);
          return async (...args: Parameters<typeof cluster.apply>) => {
            const written = await target.apply(...args);
            if (!args[1]?.dryRun) run.interrupt();
            return written;
          };
        },
      });
    },
  };

  assert.equal(await main(["peer", ...NAMES], context), 130);

  const told = run.context.out.join("") + run.context.err.join("");
  assert.doesNotMatch(told, /✓/);
  assert.match(told, /before it was proven|not attempted/);
  const again = await practice({ clusters: NAMES });
  again.mount.world = run.mount.world;
  assert.equal(await main(["peer", ...NAMES], again.context), 0, again.context.err.join(""));
});

Deno.test("peer ends at --timeout with 124, and says which directions stand", async () => {
  const { code } = await fails(
    { faults: [{ cluster: "west", verb: "get", delayMs: 60_000 }] },
    ["peer", "east", "west", "--timeout", "1ms"],
  );

  assert.equal(code, 124);
});

Deno.test("peer killed after any of its writes goes on from what stands", async () => {
  for (let kept = 0; kept <= 6; kept++) {
    const under: { run?: Practice } = {};
    const powerLoss = (): void => {
      if ((under.run?.writes() ?? 0) > kept) throw new Error("power loss");
    };
    const faults = [{ cluster: "*", verb: "*", meanwhile: powerLoss }] satisfies Fault[];
    const run = await practice({ clusters: NAMES, faults });
    under.run = run;

    assert.equal(await main(["peer", ...NAMES], run.context), kept < 6 ? 1 : 0);

    const landed = declarations(run);
    const again = await practice({ clusters: NAMES });
    again.mount.world = run.mount.world;
    await again.tick(1_000);
    assert.equal(await main(["peer", ...NAMES], again.context), 0, again.context.err.join(""));
    assert.equal(again.writes(), 6 - landed, "no write is made twice");
    again.calls.length = 0;
    assert.equal(await main(["peer", ...NAMES], again.context), 0);
    assert.equal(again.writes(), 0);
  }
});

Deno.test("two people who peer the same clusters at once get one federation", async () => {
  const run = await practice({ clusters: NAMES });
  const line = ["peer", ...NAMES];

  const codes = await Promise.all([main(line, run.context), main(line, run.context)]);

  assert.ok(codes.includes(0), `${codes}`);
  for (const code of codes) assert.ok([0, 3, 4].includes(code), `${code}`);
  run.calls.length = 0;
  assert.equal(await main(line, run.context), 0);
  assert.equal(run.writes(), 0);
});

Deno.test("peer says that it may be this machine's clock that is off", async () => {
  const { run, code, told } = await fails({
    patch: ["east", "west"].map((name) => skewed(name, -24 * 60 * 60_000)),
  });

  assert.equal(code, 4);
  assert.match(told, /\[east\] clocks differ.*this machine/s);
  assert.match(told, /\[west\] clocks differ/);
  assert.equal(run.writes(), 0);
});

Deno.test("peer leaves out what --skip names, however dead, and does all the rest", async () => {
  for (const skip of NAMES) {
    const { code, told } = await fails({
      clusters: NAMES,
      faults: [{ cluster: skip, verb: "*", reset: true }],
    }, ["peer", ...NAMES, "--skip", skip]);

    assert.equal(code, 0, told);
    assert.equal(told.match(/ {3}trusted: /g)?.length, 2);
    assert.match(told, new RegExp(`${skip}.*left out by --skip`));
  }
});
