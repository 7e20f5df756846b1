/**
 * What can go wrong with API servers.
 *
 * @module
 */
import {
  answering,
  change,
  declarationOf,
  declaredByHand,
  holding,
  without,
  withoutKind,
} from "../ailments.ts";
import { at, type FaultCase, healed, onPreflight, onWrite, type Place } from "./case.ts";
import type { WorldPatch } from "../practice.ts";

const allowed = healed((name) => change(name, () => ({ denied: [] })));

const CFDTS = "clusterfederatedtrustdomains";

const MANAGED = { "app.kubernetes.io/managed-by": "oc-spirefed" };

/** An object of ours that another tool also holds, and says something else in. */
const sharedWithArgo = ({ struck, other }: Place): WorldPatch => (workshop) => {
  const object = declarationOf(workshop.mount.cluster(other), `apps.${other}.example`, {
    bundleEndpointURL: "https://old.example",
  });
  const metadata = { ...object.metadata, labels: MANAGED };
  return holding(struck, { ...object, metadata }, "argocd-controller")(workshop);
};

/** What can go wrong with API servers. */
export const API_FAULTS: readonly FaultCase[] = [
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
];
