/**
 * How an API server refuses, to the byte of its Status: what clients other than ours, and
 * ours in what it reads from causes and details, rely on.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Answer, type Contract, declaration, type Ground, type Party } from "./ground.ts";

const GROUP = "spire.spiffe.io";
const KIND = "ClusterFederatedTrustDomain";
const PLURAL = "clusterfederatedtrustdomains";
const ALL = `/apis/${GROUP}/v1alpha1/${PLURAL}`;
const ONE = `${ALL}/contract`;
const STRICT = "fieldValidation=Strict";

/** What the test of each refusal does. */
type Asking = (party: Party, peer: Party) => Promise<Answer>;

/** A Status with these members beside those that all have. */
function status(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", ...members };
}

async function create(party: Party, spec: unknown, query = STRICT): Promise<Answer> {
  const object = { apiVersion: `${GROUP}/v1alpha1`, kind: KIND, metadata: { name: "contract" } };
  return await party.ask("POST", `${ALL}?${query}`, { body: { ...object, spec } });
}

async function apply(party: Party, object: unknown, manager: string): Promise<Answer> {
  const type = "application/apply-patch+yaml";
  return await party.ask("PATCH", `${ONE}?fieldManager=${manager}&${STRICT}`, {
    type,
    body: object,
  });
}

const REFUSALS: readonly {
  readonly name: string;
  readonly asking: Asking;
  readonly says: Readonly<Record<string, unknown>> | string;
}[] = [
  {
    name: "of what is not there",
    asking: (party) => party.ask("GET", ONE),
    says: {
      message: `${PLURAL}.${GROUP} "contract" not found`,
      reason: "NotFound",
      details: { name: "contract", group: GROUP, kind: PLURAL },
      code: 404,
    },
  },
  {
    name: "of a kind that there is not",
    asking: (party) => party.ask("GET", `/apis/${GROUP}/v1alpha1/nothings`),
    says: "404 page not found",
  },
  {
    name: "of a second creation",
    asking: async (party, peer) => {
      const { spec } = declaration(peer);
      await create(party, spec);
      return await create(party, spec);
    },
    says: {
      message: `${PLURAL}.${GROUP} "contract" already exists`,
      reason: "AlreadyExists",
      details: { name: "contract", group: GROUP, kind: PLURAL },
      code: 409,
    },
  },
  {
    name: "of another manager's field",
    asking: async (party, peer) => {
      await apply(party, declaration(peer), "first");
      return await apply(party, declaration(peer, { url: "https://other.example" }), "second");
    },
    says: {
      message: `Apply failed with 1 conflict: conflict with "first": .spec.bundleEndpointURL`,
      reason: "Conflict",
      details: {
        causes: [{
          reason: "FieldManagerConflict",
          message: 'conflict with "first"',
          field: ".spec.bundleEndpointURL",
        }],
      },
      code: 409,
    },
  },
  {
    name: "of a field that somebody has edited",
    asking: async (party, peer) => {
      await create(party, declaration(peer).spec, `fieldManager=editor&${STRICT}`);
      return await apply(party, declaration(peer, { url: "https://other.example" }), "second");
    },
    says: {
      message:
        `Apply failed with 1 conflict: conflict with "editor" using ${GROUP}/v1alpha1: .spec.bundleEndpointURL`,
      reason: "Conflict",
      details: {
        causes: [{
          reason: "FieldManagerConflict",
          message: `conflict with "editor" using ${GROUP}/v1alpha1`,
          field: ".spec.bundleEndpointURL",
        }],
      },
      code: 409,
    },
  },
  {
    name: "of a version that has passed",
    asking: async (party, peer) => {
      await create(party, declaration(peer).spec);
      const body = { metadata: { resourceVersion: "1" }, spec: { className: "x" } };
      return await party.ask("PATCH", ONE, { type: "application/merge-patch+json", body });
    },
    says: {
      message:
        `Operation cannot be fulfilled on ${PLURAL}.${GROUP} "contract": the object has been modified; please apply your changes to the latest version and try again`,
      reason: "Conflict",
      details: { name: "contract", group: GROUP, kind: PLURAL },
      code: 409,
    },
  },
  {
    name: "of fields that are missing",
    asking: (party) => create(party, { bundleEndpointURL: "https://one.example" }),
    says: {
      message:
        `${KIND}.${GROUP} "contract" is invalid: [spec.bundleEndpointProfile: Required value, spec.trustDomain: Required value]`,
      reason: "Invalid",
      details: {
        name: "contract",
        group: GROUP,
        kind: KIND,
        causes: [
          {
            reason: "FieldValueRequired",
            message: "Required value",
            field: "spec.bundleEndpointProfile",
          },
          { reason: "FieldValueRequired", message: "Required value", field: "spec.trustDomain" },
        ],
      },
      code: 422,
    },
  },
  {
    name: "of a field that no schema has",
    asking: (party, peer) => create(party, { ...declaration(peer).spec as object, colour: "blue" }),
    says: {
      message:
        `${KIND} in version "v1alpha1" cannot be handled as a ${KIND}: strict decoding error: unknown field "spec.colour"`,
      reason: "BadRequest",
      code: 400,
    },
  },
];

/** When a manager wrote is told as well, and no two runs have the same time. */
function withoutTimes(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body).replaceAll(/ at \d{4}-[\d:T-]+Z/g, ""));
}

/** Every refusal is a contract. */
export const RAW_ANSWERS: readonly Contract[] = REFUSALS.map(({ name, asking, says }) => ({
  name: `the body of a refusal: ${name}`,
  run: async ({ holder, peer }: Ground) => {
    const { body, status: code } = await asking(holder, peer);

    if (typeof says === "string") {
      assert.equal(String(body).trim(), says);
      assert.equal(code, 404);
    } else {
      assert.deepEqual(withoutTimes(body), status(says));
      assert.equal(code, says["code"]);
    }
  },
}));
