/**
 * What can change meanwhile, or be ill in a cluster.
 *
 * @module
 */
import { CLUSTER_FEDERATED_TRUST_DOMAINS } from "../../../manifests/cluster_federated_trust_domain.ts";
import { kindOf } from "../../../sandbox/kinds.ts";
import {
  change,
  federated,
  replacedCa,
  restarted,
  rotating,
  skewed,
  staticPeer,
  storing,
  storingExpired,
  withoutExec,
} from "../ailments.ts";
import { at, beforeWrites, type FaultCase, healed, meanwhile, type Place } from "./case.ts";
import type { WorldPatch } from "../practice.ts";

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

const AWAKE = healed((name) =>
  change(name, ({ spire }) => ({
    spire: { ...spire, controller: { ...spire.controller, idleUntil: 0, dueAt: 0 } },
  }))
);

const ASLEEP = (name: string): WorldPatch =>
  change(name, ({ spire }) => ({
    spire: { ...spire, controller: { ...spire.controller, idleUntil: Infinity } },
  }));

/** What can change meanwhile, or be ill in a cluster. */
export const WORLD_FAULTS: readonly FaultCase[] = [
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
