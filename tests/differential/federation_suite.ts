/**
 * ClusterFederatedTrustDomains: YAML as kubectl reads it, judged as
 * spire-controller-manager judges it.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { SpirefedError } from "../../lib/errors.ts";
import { parseBundle } from "../../lib/spiffe/parse_bundle.ts";
import { printBundle } from "../../lib/spiffe/print_bundle.ts";
import { parseSpiffeId } from "../../lib/spiffe/spiffe_id.ts";
import { BUNDLES, document, READING } from "../../lib/spiffe/testing_bundles.ts";
import { parseTrustDomain } from "../../lib/spiffe/trust_domain.ts";
import {
  clusterFederatedTrustDomain,
  CONTROLLER_CLASS,
} from "../../manifests/cluster_federated_trust_domain.ts";
import { lintClusterFederatedTrustDomain } from "../../manifests/cluster_federated_trust_domain_lint.ts";
import { isRecord, type RawObject } from "../../manifests/raw_object.ts";
import { printYaml } from "../../manifests/yaml.ts";
import { readManifests } from "../../manifests/yaml_reading.ts";
import { type BundleFacts, factsOf, isSame } from "./bundle_suite.ts";
import { Dice, spoilBytes } from "./dice.ts";
import { spoilJson } from "./json_mutations.ts";
import type { Answer } from "./reference.ts";
import type { Case } from "./suite.ts";

const NAMES =
  "east.example,on,y,no,~,null,012,1e3,0x1f,1_0,12:30:45,2026-01-01,.inf,-a,--,a_b,..,._-,0.0,+1"
    .split(",").filter((name) => /^[a-z0-9._-]+$/.test(name));
const INSERTS = [
  ..." \t\n:-#'\"|>&*!%@`{}[],?~0",
  ..."null,on,yes,012,0x1f,1e3,- ,: ,---\n,...\n,<<: ,&a ,*a ,!!str ,2026-01-01,\r\n,é".split(","),
];

/** Seeded objects: printed by us, then spoilt as YAML and as JSON. */
export function federationCases(count: number, seed: number): readonly Case[] {
  const dice = new Dice(seed);
  const cases = NAMES.map((name) => federationCase(encode(printYaml([sound(name, dice)]))));
  while (cases.length < count) {
    const object = sound(dice.pick(NAMES), dice);
    const text = printYaml([object]);
    const head = text.slice(0, text.indexOf("trustDomainBundle"));
    if (dice.oneIn(3)) cases.push(federationCase(encode(spoilJson(object, [object.spec], dice))));
    else {
      const spoilt = spoilBytes(encode(head), dice, INSERTS);
      cases.push(federationCase(new Uint8Array([...spoilt, ...encode(text.slice(head.length))])));
    }
  }
  return cases;
}

function sound(name: string, dice: Dice): ReturnType<typeof clusterFederatedTrustDomain> {
  const text = encode(JSON.stringify(document(dice.pick(BUNDLES))));
  const { bundle } = parseBundle(text, READING);
  if (bundle === undefined) throw new Error("a committed bundle is refused");
  return clusterFederatedTrustDomain({
    trustDomain: parseTrustDomain(name),
    bundleEndpointURL: `https://federation.${name}`,
    bundleEndpointProfile: dice.oneIn(3) ? { type: "https_web" } : {
      type: "https_spiffe",
      endpointSPIFFEID: parseSpiffeId(`spiffe://${name}/spire/server`),
    },
    trustDomainBundle: printBundle(bundle),
    className: CONTROLLER_CLASS,
  });
}

function federationCase(bytes: Uint8Array): Case {
  const { object, refusal } = judge(bytes);
  return {
    question: { kind: "federation", bytes },
    part: "controller",
    refusal,
    contradictions: (answer) => object === undefined ? [] : contradictions(object, answer),
  };
}

function judge(bytes: Uint8Array): { readonly object?: RawObject; readonly refusal?: string } {
  try {
    const found = readManifests(bytes, "it");
    const [first] = found;
    if (first === undefined || found.length > 1) return { refusal: "not one object" };
    const error = lintClusterFederatedTrustDomain(first.object, READING)
      .find(({ severity }) => severity === "error");
    if (first.object.kind !== "ClusterFederatedTrustDomain") return { refusal: "not judged" };
    return error === undefined ? { object: first.object } : { refusal: error.code };
  } catch (error) {
    if (error instanceof SpirefedError) return { refusal: error.code ?? "usage" };
    throw error;
  }
}

function contradictions({ metadata, spec }: RawObject, answer: Answer): readonly string[] {
  if (!isRecord(spec)) return ["no spec"];
  const { bundle: found, ...theirs } = answer["controller"]?.facts as Facts;
  const ours = {
    name: isRecord(metadata) ? metadata.name ?? "" : "",
    trustDomain: spec.trustDomain,
    url: spec.bundleEndpointURL,
  };
  const problems = isDeepStrictEqual(theirs, ours)
    ? []
    : [`the controller reads ${JSON.stringify(theirs)}, ours ${JSON.stringify(ours)}`];
  const text = encode(String(spec.trustDomainBundle ?? ""));
  const { bundle } = parseBundle(text, READING);
  const isEqual = bundle === undefined
    ? found === null
    : isSame(found, factsOf(bundle), "go-spiffe");
  return isEqual
    ? problems
    : [...problems, `the controller finds another bundle: ${JSON.stringify(found)}`];
}

interface Facts {
  readonly name: string;
  readonly trustDomain: string;
  readonly url: string;
  readonly bundle: BundleFacts | null;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
