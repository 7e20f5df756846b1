/**
 * What can go wrong while clusters are peered, one case each: how it is staged, what
 * `peer` must say, and how it passes. The letters are those of docs/faults.md.
 *
 * @module
 */
import { CLUSTER_FEDERATED_TRUST_DOMAINS } from "../../manifests/cluster_federated_trust_domain.ts";
import { kindOf } from "../../sandbox/kinds.ts";
import type { Fault, FaultEffect } from "../../sandbox/faults.ts";
import {
  answering,
  change,
  declarationOf,
  declaredByHand,
  federated,
  frozenBody,
  holding,
  impostor,
  replacedCa,
  restarted,
  rotating,
  routerDown,
  routerUp,
  skewed,
  staticPeer,
  storing,
  storingExpired,
  without,
  withoutExec,
  withoutKind,
} from "./ailments.ts";
import type { Practice, WorldPatch } from "./practice.ts";

/** Where a fault strikes. */
export interface Place {
  /** The clusters that are peered. */
  readonly names: readonly string[];
  readonly struck: string;
  /** Another one of them. */
  readonly other: string;
  /** Which of the struck cluster's writes, from 1. */
  readonly write: number;
  /** Which of all calls to it that write is. */
  readonly call: number;
  /** The run, once it is under way. */
  readonly run: () => Practice;
}

/** How a fault is staged. */
export interface Staged {
  readonly patch?: WorldPatch | readonly WorldPatch[];
  readonly faults?: readonly Fault[];
  readonly args?: readonly string[];
}

/** One fault. */
export interface FaultCase {
  readonly id: string;
  readonly what: string;
  readonly stage: (place: Place) => Staged;
  /** The exit codes that are right. */
  readonly codes: readonly number[];
  /** What must be said, on stderr or of an edge. */
  readonly says: RegExp;
  /** What makes it pass; a fault of calls passes by itself. */
  readonly heal?: (place: Place) => WorldPatch;
  /** What the re-run needs beside the same words. */
  readonly again?: readonly string[];
  /** It hits one cluster after preflight: all directions it has no part in must be trusted. */
  readonly spares?: boolean;
}

/** Calls that do not depend on the number of clusters. */
const onPreflight = (effect: FaultEffect) => ({ struck }: Place): Staged => ({
  faults: [{ ...effect, cluster: struck, verb: "apply", dryRun: true }],
});

const onWrite = (effect: FaultEffect) => ({ struck, write }: Place): Staged => ({
  faults: [{ ...effect, cluster: struck, verb: "apply", dryRun: false, nth: write }],
});

/** Once, right before the first write to any cluster. */
const beforeWrites = (act: (place: Place) => WorldPatch) => (place: Place): Staged =>
  meanwhile({ verb: "apply", dryRun: false }, place, act);

function meanwhile(
  when: Pick<Fault, "verb"> & { readonly dryRun?: boolean },
  place: Place,
  act: (place: Place) => WorldPatch,
): Staged {
  let isDone = false;
  const once = async (): Promise<void> => {
    if (isDone) return;
    isDone = true;
    await act(place)(place.run());
  };
  return { faults: [{ ...when, cluster: "*", meanwhile: once }] };
}

const at = (ailment: (name: string) => WorldPatch) => ({ struck }: Place): Staged => ({
  patch: ailment(struck),
});

const healed = (cure: (name: string) => WorldPatch) => ({ struck }: Place): WorldPatch =>
  cure(struck);

const allowed = healed((name) => change(name, () => ({ denied: [] })));

const CFDTS = "clusterfederatedtrustdomains";

/** The text of the page that a router shows when no pod is behind a route. */
const NO_POD = "<html><h1>Application is not available</h1></html>";

/** Somebody deletes what the struck cluster declares of the other. */
const undeclare = ({ struck, other }: Place): WorldPatch => ({ mount }) => {
  const kind = kindOf({ ...CLUSTER_FEDERATED_TRUST_DOMAINS });
  if (kind === undefined) throw new Error("no such kind");
  mount.dispatch({
    type: "write",
    cluster: struck,
    system: true,
    write: {
      verb: "delete",
      place: { kind, name: `apps.${other}.example` },
      mode: { manager: "somebody" },
    },
  });
};

const MANAGED = { "app.kubernetes.io/managed-by": "oc-spirefed" };

/** An object of ours that another tool also holds, and says something else in. */
const sharedWithArgo = ({ struck, other }: Place): WorldPatch => (workshop) => {
  const object = declarationOf(workshop.mount.cluster(other), `apps.${other}.example`, {
    bundleEndpointURL: "https://old.example",
  });
  const metadata = { ...object.metadata, labels: MANAGED };
  return holding(struck, { ...object, metadata }, "argocd-controller")(workshop);
};

const AWAKE = healed((name) =>
  change(name, ({ spire }) => ({
    spire: { ...spire, controller: { ...spire.controller, idleUntil: 0, dueAt: 0 } },
  }))
);

const ASLEEP = (name: string): WorldPatch =>
  change(name, ({ spire }) => ({
    spire: { ...spire, controller: { ...spire.controller, idleUntil: Infinity } },
  }));

/** All of them. */
export const FAULT_CASES: readonly FaultCase[] = [
  {
    id: "E1",
    what: "an endpoint is down",
    stage: at(routerDown),
    heal: healed(routerUp),
    codes: [5],
    says: /\[\w+\] https:\/\/federation\S+: .*connection refused/,
  },
  {
    id: "E1-api",
    what: "an endpoint is out of reach from here, and bundles come from the API",
    stage: ({ struck }) => ({
      patch: routerDown(struck),
      args: ["--source", "api"],
    }),
    heal: healed(routerUp),
    codes: [3],
    says: /refused/,
  },
  {
    id: "E3",
    what: "an endpoint's connection is cut",
    stage: ({ struck }) => ({ faults: [{ cluster: struck, verb: "fetch", reset: true }] }),
    codes: [5],
    says: /reset/,
  },
  {
    id: "E4-503",
    what: "the router shows its own page",
    stage: at((name) => answering(name, { status: 503, body: NO_POD })),
    heal: healed((name) => answering(name, undefined)),
    codes: [5],
    says: /503/,
  },
  {
    id: "E4-302",
    what: "an endpoint redirects",
    stage: at((name) => answering(name, { status: 302, location: "https://else.example/" })),
    heal: healed((name) => answering(name, undefined)),
    codes: [4],
    says: /else\.example/,
  },
  {
    id: "E4-json",
    what: "an endpoint answers 200 with something else",
    stage: at((name) => answering(name, { body: '{"error":"no backend"}' })),
    heal: healed((name) => answering(name, undefined)),
    codes: [5],
    says: /keys/,
  },
  {
    id: "E5",
    what: "the first of two answers lacks a root that the API names",
    stage: (place) => ({
      patch: [frozenBody(place.struck), rotating(place.struck, "prepare")],
      faults: [{
        cluster: place.struck,
        verb: "fetch",
        nth: 2,
        meanwhile: () => answering(place.struck, undefined)(place.run()),
      }],
    }),
    codes: [0],
    says: /trusted|refreshed/,
  },
  {
    id: "E6",
    what: "another server answers at an endpoint",
    stage: ({ struck, other }) => ({ patch: impostor(struck, other) }),
    heal: healed((name) => answering(name, undefined)),
    codes: [4],
    says: /\[\w+\] /,
  },
  {
    id: "E7",
    what: "an endpoint goes down after it was authenticated",
    stage: beforeWrites(({ struck }) => routerDown(struck)),
    heal: healed(routerUp),
    codes: [3],
    says: /refused/,
    spares: true,
  },
  {
    id: "A1",
    what: "a token has expired",
    stage: ({ struck }) => ({
      faults: [{ cluster: struck, verb: "*", status: 401, reason: "Unauthorized" }],
    }),
    codes: [5],
    says: /\[\w+\].*401/,
  },
  {
    id: "A2",
    what: "a token expires between two writes",
    stage: ({ struck, call }) => ({
      faults: [{ cluster: struck, verb: "*", nth: call, onward: true, status: 401 }],
    }),
    codes: [3],
    says: /401/,
    spares: true,
  },
  {
    id: "A3",
    what: "a permission is missing",
    stage: at((name) => without(name, { verb: "patch", resource: CFDTS })),
    heal: allowed,
    codes: [5],
    says: /\[\w+\] needs patch clusterfederatedtrustdomains/,
  },
  {
    id: "A3-write",
    what: "a write is forbidden only when it is made",
    stage: onWrite({ status: 403, reason: "Forbidden" }),
    codes: [3],
    says: /403/,
    spares: true,
  },
  {
    id: "A4",
    what: "the operator is missing",
    stage: at((name) => withoutKind(name, CFDTS)),
    heal: healed((name) => change(name, () => ({ missingKinds: [] }))),
    codes: [5],
    says: /\[\w+\] the Zero Trust Workload Identity Manager operator is missing/,
  },
  {
    id: "A5",
    what: "another manager holds a field",
    stage: (place) => ({ patch: sharedWithArgo(place), args: ["--yes"] }),
    again: ["--yes", "--force-conflicts"],
    codes: [5],
    says: /argocd-controller/,
  },
  {
    id: "A5-write",
    what: "another manager takes a field at the last moment",
    stage: onWrite({ status: 409, reason: "Conflict", message: "conflict with argocd-controller" }),
    codes: [3],
    says: /409.*argocd/,
    spares: true,
  },
  {
    id: "A6",
    what: "an object of another name says the same",
    stage: ({ struck, other }) => ({ patch: declaredByHand(struck, other) }),
    codes: [0],
    says: /refreshed/,
  },
  {
    id: "A6-differs",
    what: "an object of another name says something else",
    stage: ({ struck, other }) => ({
      patch: declaredByHand(struck, other, "old-name", {
        bundleEndpointURL: "https://old.example",
      }),
    }),
    again: ["--adopt", "--yes"],
    codes: [5],
    says: /old-name .*otherwise and wins.*--adopt/s,
  },
  {
    id: "A7",
    what: "the schema refuses",
    stage: onPreflight({ status: 422, reason: "Invalid", message: "spec.trustDomain: no" }),
    codes: [5],
    says: /422.*spec\.trustDomain/,
  },
  {
    id: "A7-write",
    what: "the schema refuses at the last moment",
    stage: onWrite({ status: 422, reason: "Invalid", message: "spec.trustDomain: no" }),
    codes: [3],
    says: /422.*spec\.trustDomain/,
    spares: true,
  },
  {
    id: "A8",
    what: "a webhook denies",
    stage: onPreflight({ status: 403, message: 'admission webhook "x" denied the request: no' }),
    codes: [5],
    says: /webhook "x"/,
  },
  {
    id: "A8-write",
    what: "a webhook cannot be reached",
    stage: onWrite({ status: 500, message: 'failed calling webhook "x": timeout' }),
    codes: [3],
    says: /failed calling webhook "x"/,
    spares: true,
  },
  {
    id: "A9",
    what: "the server stays busy",
    stage: ({ struck }) => ({
      faults: [{ cluster: struck, verb: "list", status: 429, reason: "TooManyRequests" }],
    }),
    codes: [5],
    says: /\[\w+\].*429/,
  },
  {
    id: "A9-write",
    what: "the server gets busy",
    stage: onWrite({ status: 429, reason: "TooManyRequests" }),
    codes: [3],
    says: /429/,
    spares: true,
  },
  {
    id: "A10",
    what: "the server is in trouble",
    stage: ({ struck }) => ({
      faults: [{ cluster: struck, verb: "get", status: 500, reason: "InternalError" }],
    }),
    codes: [5],
    says: /\[\w+\].*500/,
  },
  {
    id: "A10-write",
    what: "the server gets into trouble",
    stage: onWrite({ status: 503, reason: "ServiceUnavailable" }),
    codes: [3],
    says: /503/,
    spares: true,
  },
  {
    id: "A11",
    what: "an answer is lost after the write was stored",
    stage: onWrite({ lostReply: true }),
    codes: [0],
    says: /refreshed/,
  },
  {
    id: "A12",
    what: "a cluster is lost in the middle of the writes",
    stage: ({ struck, call }) => ({
      faults: [{ cluster: struck, verb: "*", nth: call, onward: true, reset: true }],
    }),
    codes: [3],
    says: /cut|reset/,
    spares: true,
  },
  {
    id: "A13",
    what: "a bundle is over 1 MiB",
    stage: at((name) => answering(name, { body: " ".repeat(1024 * 1024 + 1) })),
    heal: healed((name) => answering(name, undefined)),
    codes: [5],
    says: /over 1 MiB/,
  },
  {
    id: "W2",
    what: "somebody deletes an object while its proof is waited for",
    stage: (place) => {
      let isDone = false;
      return {
        faults: [{
          cluster: place.struck,
          verb: "exec",
          meanwhile: async () => {
            const { calls } = place.run();
            const written = calls.some(({ cluster, verb, dryRun, object }) =>
              cluster === place.struck && verb === "apply" && !dryRun &&
              object.endsWith(`apps.${place.other}.example`)
            );
            if (isDone || !written) return;
            isDone = true;
            await undeclare(place)(place.run());
          },
        }],
      };
    },
    codes: [3],
    says: /deleted by somebody while waiting/,
    spares: true,
  },
  {
    id: "C1",
    what: "Ctrl-C between two writes",
    stage: ({ struck, write, run }) => ({
      faults: [{
        cluster: struck,
        verb: "apply",
        dryRun: false,
        nth: write,
        meanwhile: () => run().interrupt(),
      }],
    }),
    codes: [130],
    says: /Stopped by SIGINT|not attempted|before it was proven/,
  },
  {
    id: "K2",
    what: "a cluster's clock is ten minutes off",
    stage: at((name) => skewed(name, 600_000)),
    heal: healed((name) => skewed(name, 0)),
    codes: [4],
    says: /\[\w+\] clocks differ/,
  },
  {
    id: "R1",
    what: "a CA is prepared between plan and write",
    stage: (place) =>
      meanwhile(
        { verb: "apply", dryRun: true },
        place,
        ({ struck }) => rotating(struck, "prepare"),
      ),
    codes: [4],
    says: /plan is stale/,
  },
  {
    id: "R2",
    what: "a CA is prepared between two writes",
    stage: beforeWrites(({ struck }) => rotating(struck, "prepare")),
    codes: [0],
    says: /refreshed/,
  },
  {
    id: "R3",
    what: "a CA is replaced with no overlap",
    stage: ({ names, struck }) => ({ patch: [federated(...names), replacedCa(struck)] }),
    again: ["--yes"],
    codes: [4],
    says: /begin trust in .* anew.*stored: SHA-256.*new, named by its own API: SHA-256/s,
  },
  {
    id: "R3-blind",
    what: "a CA is replaced, and nobody may exec",
    stage: ({ names, struck }) => ({
      patch: [
        federated(...names),
        replacedCa(struck),
        ...names.map((name) => withoutExec(name)),
      ],
    }),
    heal: ({ names }) => async (workshop) => {
      for (const name of names) await change(name, () => ({ denied: [] }))(workshop);
    },
    again: ["--yes"],
    codes: [5],
    says: /needs create pods\/exec.*bundle set/s,
  },
  {
    id: "R4",
    what: "what is stored has expired",
    stage: ({ names, struck, other }) => ({
      patch: [federated(...names), storingExpired(struck, other)],
    }),
    again: ["--yes"],
    codes: [4],
    says: /begin trust in .* anew/,
  },
  {
    id: "R4-absent",
    what: "what was declared was never stored",
    stage: ({ names, struck, other }) => ({
      patch: [federated(...names), storing(struck, `apps.${other}.example`, undefined)],
    }),
    codes: [0],
    says: /refreshed/,
  },
  {
    id: "D1",
    what: "the controller manager does not work",
    stage: at(ASLEEP),
    heal: AWAKE,
    codes: [3],
    says: /applied but not reconciled in 60 s/,
    spares: true,
  },
  {
    id: "D2",
    what: "a SPIRE server restarts",
    stage: at(restarted),
    codes: [0],
    says: /refreshed/,
  },
  {
    id: "D2-late",
    what: "a SPIRE server restarts between two writes",
    stage: beforeWrites(({ struck }) => restarted(struck)),
    codes: [0],
    says: /refreshed/,
  },
  {
    id: "D3",
    what: "a static entry sends the server elsewhere",
    stage: ({ struck, other }) => ({ patch: staticPeer(struck, other, "https://else.example") }),
    heal: ({ struck, other }) => staticPeer(struck, other),
    codes: [3],
    says: /federatesWith sends .* to https:\/\/else\.example/,
    spares: true,
  },
];
