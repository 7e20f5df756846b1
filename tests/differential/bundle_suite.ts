/**
 * Bundles, spoilt in text, members and certificates.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { readCertificate } from "../../lib/spiffe/certificate.ts";
import type { Bundle } from "../../lib/spiffe/model.ts";
import { parseBundle } from "../../lib/spiffe/parse_bundle.ts";
import { printBundle } from "../../lib/spiffe/print_bundle.ts";
import {
  type BundleDocument,
  BUNDLES,
  document,
  READING,
} from "../../lib/spiffe/testing_bundles.ts";
import { spoilDer } from "./der_mutations.ts";
import { Dice, spoilBytes } from "./dice.ts";
import { spoilJson } from "./json_mutations.ts";
import type { Answer } from "./reference.ts";
import type { Case } from "./suite.ts";

/** What a reader found in a bundle. */
export interface BundleFacts {
  readonly x509: readonly string[];
  readonly jwt: readonly string[];
  readonly sequence: string | null;
  readonly hint: number | null;
}

/** Our own facts, in the reference's form. */
export function factsOf(bundle: Bundle): BundleFacts {
  return {
    x509: bundle.x509Authorities.map(({ sha256 }) => sha256).toSorted(),
    jwt: bundle.jwtAuthorities.map(({ kid }) => kid).toSorted(),
    sequence: bundle.sequence?.toString() ?? null,
    hint: bundle.refreshHint ?? null,
  };
}

/** Whether both found the same; SPIRE's decoder keeps no sequence, and a hint of 0 for none. */
export function isSame(facts: unknown, ours: BundleFacts, by: "go-spiffe" | "spire"): boolean {
  const theirs = facts as BundleFacts;
  const jwt = theirs.jwt.toSorted(); // Go sorts by octets
  if (by === "go-spiffe") return isDeepStrictEqual({ ...theirs, jwt }, ours);
  return isDeepStrictEqual(
    { x509: theirs.x509, jwt, hint: theirs.hint },
    { x509: ours.x509, jwt: ours.jwt, hint: ours.hint ?? 0 },
  );
}

/** Seeded bundles: the committed ones, spoilt, and now and then what is printed of them. */
export function bundleCases(count: number, seed: number): readonly Case[] {
  const dice = new Dice(seed);
  const originals = BUNDLES.map(document);
  const pool = document("every_key_type").keys;
  const texts = originals.map((original) => JSON.stringify(original));
  const cases = texts.map((text) => bundleCase(encode(text)));
  while (cases.length < count) {
    const bytes = spoil(dice.pick(originals), pool, dice);
    cases.push(bundleCase(bytes));
    const { bundle } = parseBundle(bytes, READING);
    if (bundle !== undefined && dice.oneIn(4)) cases.push(bundleCase(encode(printBundle(bundle))));
  }
  return cases;
}

const INSERTS = [...'"\\{}[],:0-e', "null", "\\ud800", "\n", " ", "\ufeff", "\0", "use", "é", ""];

function spoil(original: BundleDocument, pool: BundleDocument["keys"], dice: Dice): Uint8Array {
  const way = dice.below(8);
  if (way === 0) return spoilBytes(encode(JSON.stringify(original)), dice, INSERTS);
  if (way < 4) return encode(JSON.stringify(withSpoiltCertificate(original, dice)));
  const few = { ...original, keys: original.keys.slice(0, 1 + dice.below(3)) };
  return encode(spoilJson(few, pool, dice));
}

/** The key follows its certificate, so that the certificate alone is judged. */
function withSpoiltCertificate(original: BundleDocument, dice: Dice): BundleDocument {
  const [key] = original.keys;
  const der = spoilDer(Uint8Array.fromBase64(String(key?.["x5c"])), dice);
  const { certificate } = readCertificate(der);
  return { ...original, keys: [{ ...key, ...certificate?.jwk, x5c: [der.toBase64()] }] };
}

/** Sets our reading of one document beside those of go-spiffe and SPIRE. */
export function bundleCase(bytes: Uint8Array): Case {
  const { bundle, verdict, problems } = parseBundle(bytes, READING);
  const refusal = bundle === undefined
    ? problems.find(({ severity }) => severity === "error")?.code ?? "without a reason"
    : undefined;
  return {
    question: { kind: "bundle", trustDomain: READING.trustDomain, bytes },
    part: "go-spiffe",
    refusal,
    contradictions: (answer) =>
      bundle === undefined ? [] : contradictions(factsOf(bundle), verdict.refreshes, answer),
  };
}

function contradictions(ours: BundleFacts, refreshes: boolean, answer: Answer): readonly string[] {
  const { "go-spiffe": installed, spire: polled } = answer;
  const found: string[] = [];
  if (!isSame(installed?.facts, ours, "go-spiffe")) {
    found.push(`go-spiffe finds ${JSON.stringify(installed?.facts)}, ours ${JSON.stringify(ours)}`);
  }
  if (refreshes !== (polled?.error === "")) {
    found.push(`refreshes is ${refreshes}; SPIRE: ${polled?.error || "accepted"}`);
  } else if (refreshes && !isSame(polled?.facts, ours, "spire")) {
    found.push(`SPIRE finds ${JSON.stringify(polled?.facts)}, ours ${JSON.stringify(ours)}`);
  }
  return found;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
