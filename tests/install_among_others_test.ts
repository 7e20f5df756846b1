/** `install` on clusters that others work on at the same time, or have left in an odd state. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { SpirefedError } from "../lib/errors.ts";
import { OPERATOR_NAMESPACE as namespace, type Resource } from "../manifests/manifest.ts";
import { holding, objectIn, patched, removed } from "./support/ailments.ts";
import { operand, SUBSCRIPTION, VERSION } from "./support/failure_staging.ts";
import { type Practice, practice, type PracticeOptions } from "./support/practice.ts";

const EMPTY = [{ name: "east", operator: false }];

interface Tried {
  readonly run: Practice;
  readonly code: number;
  readonly told: string;
}

async function install(options: PracticeOptions, ...words: readonly string[]): Promise<Tried> {
  const run = await practice({ clusters: EMPTY, ...options });
  const code = await main(["install", "east", "--yes", ...words], run.context);
  const told = run.context.err.join("") + run.context.out.join("");
  return { run, code, told: told.replaceAll(/\s+/g, " ") };
}

const REFUSED = new SpirefedError("preflight", "[east] 500", { code: "http/500" });

/** A cluster that answers otherwise about one kind, or not at all, though it said that one may ask. */
async function answering(
  verb: "get" | "list",
  plural: string,
  answer: (resource: Resource<unknown>) => Promise<unknown> = () => Promise.reject(REFUSED),
): Promise<Practice["context"]> {
  const { context } = await practice({ clusters: ["east"] });
  const { openCluster } = context;
  return {
    ...context,
    openCluster: async (...words: Parameters<typeof openCluster>) => {
      const cluster = await openCluster(...words);
      const other = (resource: Resource<unknown>, ...rest: readonly never[]) =>
        resource.plural === plural
          ? answer(resource)
          : (cluster[verb] as (...all: unknown[]) => Promise<never>)(resource, ...rest);
      return new Proxy(cluster, {
        get(target, name, receiver): unknown {
          if (name === verb) return other;
          const found: unknown = Reflect.get(target, name, receiver);
          return typeof found === "function" ? found.bind(target) : found;
        },
      });
    },
  };
}

Deno.test("install takes nothing for absent that it could not read", async () => {
  for (
    const [verb, plural, what] of [
      ["get", "spireagents", "spireagent cluster"],
      ["get", "namespaces", `namespace ${namespace}`],
      ["list", "operatorgroups", `operatorgroups -n ${namespace}`],
      ["list", "subscriptions", `subscriptions -n ${namespace}`],
    ] as const
  ) {
    const context = await answering(verb, plural);

    assert.equal(await main(["install", "east", "--yes"], context), 5);

    const told = context.err.join("").replaceAll(/\s+/g, " ");
    assert.ok(told.includes(`it is not known whether there is ${what}: 500`), told);
    assert.ok(told.includes(`oc --context east get ${what}`), told);
  }
});

Deno.test("preflight tells of a SpireServer that is not as its definition demands", async () => {
  const odd = {
    apiVersion: "operator.openshift.io/v1alpha1",
    kind: "SpireServer",
    metadata: { name: "cluster" },
    spec: { federation: { federatesWith: "apps.west.example" } },
  };
  const context = await answering("get", "spireservers", async (resource) => {
    try {
      return await Promise.resolve(resource.parse(odd));
    } catch (cause) {
      throw new SpirefedError("preflight", "[east] odd", { code: "server/unreadable", cause });
    }
  });

  assert.equal(await main(["preflight", "east"], context), 5);

  assert.match(context.out.join(""), /SpireServer\/cluster makes no sense: spec\.federation/);
});

Deno.test("install makes no second OperatorGroup beside one that makes no sense", async () => {
  const odd = {
    apiVersion: "operators.coreos.com/v1",
    kind: "OperatorGroup",
    metadata: { name: "odd", namespace },
    spec: { targetNamespaces: "all" },
  };

  const { run, code, told } = await install({ patch: holding("east", odd) });

  assert.equal(code, 5, told);
  assert.equal(run.writes(), 0);
  assert.match(told, /operatorgroups odd makes no sense: spec\.targetNamespaces/);
});

Deno.test("install leaves what somebody has made since it looked", async () => {
  const theirs = {
    ...operand("SpireAgent"),
    metadata: { name: "cluster" },
    spec: { logLevel: "debug" },
  };
  const run = await practice({
    clusters: EMPTY,
    faults: [{
      cluster: "east",
      verb: "apply",
      // SpireServer, which goes before the agent.
      nth: 5,
      dryRun: false,
      meanwhile: () => holding("east", theirs)(run as never) as void,
    }],
  });

  assert.equal(await main(["install", "east", "--yes"], run.context), 3);

  const said = run.context.out.join("").replaceAll(/\s+/g, " ");
  assert.match(said, /SpireAgent\/cluster was made by somebody meanwhile/);
  const held = objectIn(run, "east", "spireagents", "cluster");
  assert.deepEqual([held?.metadata.labels, held?.["spec"]], [undefined, { logLevel: "debug" }]);
});

Deno.test("install waits for no namespace that is being deleted, and says what does", async () => {
  const going = patched("east", { kind: "Namespace", apiVersion: "v1", name: namespace }, {
    status: { phase: "Terminating" },
  });

  const { run, code, told } = await install({ clusters: ["east"], patch: going });

  assert.equal(code, 5, told);
  assert.equal(run.writes(), 0);
  assert.match(told, /is being deleted.*next: oc --context east wait --for=delete namespace/);
});

Deno.test("install tells that OLM makes no version twice", async () => {
  const { run, code, told } = await install({
    clusters: ["east"],
    patch: removed("east", VERSION),
  });

  assert.equal(code, 3, told);
  assert.equal(run.writes(), 0);
  assert.match(told, /ClusterServiceVersion\/\S+ was installed and is gone/);
  assert.ok(told.includes(`delete subscription ${SUBSCRIPTION.name}, then oc spirefed install`));
});

Deno.test("install says that a plan was approved only when it was, and does not ask for ever", async () => {
  const { code, told } = await install(
    {
      faults: [{ cluster: "east", verb: "patch", nth: 1, onward: true, status: 409 }],
    },
    "--approval",
    "manual",
    "--timeout",
    "20m",
  );

  assert.equal(code, 3, told);
  assert.doesNotMatch(told, /InstallPlan\/\S+ approved/);
  assert.match(told, /still waiting for its InstallPlan to stay approved/);
});

Deno.test("install does not believe a refusal that the operator has not looked at again", async () => {
  const refused = patched("east", operand("SpireServer"), {
    status: {
      conditions: [{
        type: "ConfigurationValid",
        status: "False",
        reason: "InvalidFederationConfiguration",
        message: "of before",
      }],
    },
  });
  const run = await practice({
    clusters: EMPTY,
    faults: [{
      cluster: "east",
      verb: "apply",
      nth: 8,
      dryRun: false,
      meanwhile: () => refused(run as never) as void,
    }],
  });

  assert.equal(
    await main(["install", "east", "--yes"], run.context),
    0,
    run.context.err.join("") + run.context.out.join(""),
  );
});
