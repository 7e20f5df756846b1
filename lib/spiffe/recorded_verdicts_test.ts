import assert from "node:assert/strict";
import type { Bundle } from "./model.ts";
import { printBundle } from "./print_bundle.ts";
import { errors, read, testData } from "./testing_bundles.ts";
import { allDocuments } from "./testing_documents.ts";

/** What go-spiffe 2.6.0 and SPIRE 1.13.3 said (`deno task differential record`). */
interface Recorded {
  readonly "go-spiffe": Said;
  readonly spire: Said;
}

interface Said {
  /** Empty when it accepted. */
  readonly error: string;
  readonly facts?: {
    readonly x509: readonly string[];
    readonly jwt: readonly string[];
    readonly sequence: string | null;
    readonly hint: number | null;
  };
}

/** Why lib/spiffe may refuse what go-spiffe takes; all else is a fault. */
const HARDENING = [
  "bundle/certificate",
  "bundle/duplicate",
  "bundle/key",
  "bundle/private-member",
  "bundle/refresh-hint",
  "bundle/sequence",
  "bundle/symmetric-key",
  "json/case-variant",
  "json/duplicate-member",
  "json/surrogate",
];

const RECORDED: ReadonlyMap<string, Recorded> = new Map(
  Object.entries(JSON.parse(new TextDecoder().decode(testData("recorded_verdicts.json")))),
);

function facts(bundle: Bundle): Said["facts"] {
  return {
    x509: bundle.x509Authorities.map(({ sha256 }) => sha256).toSorted(),
    jwt: bundle.jwtAuthorities.map(({ kid }) => kid).toSorted(),
    sequence: bundle.sequence?.toString() ?? null,
    hint: bundle.refreshHint ?? null,
  };
}

Deno.test("parseBundle() refuses all that go-spiffe refuses, and more only as hardening", () => {
  for (const [name, text] of allDocuments()) {
    const recorded = RECORDED.get(name);
    assert.ok(recorded, `${name}: run deno task differential record`);
    const parsed = read(text);
    const [code = ""] = errors(parsed)[0]?.split(" ") ?? [];

    if (recorded["go-spiffe"].error !== "") assert.equal(parsed.bundle, undefined, name);
    else if (parsed.bundle === undefined) assert.ok(HARDENING.includes(code), `${name}: ${code}`);
  }
});

Deno.test("parseBundle() finds in what it takes just what go-spiffe and SPIRE find", () => {
  let taken = 0;
  for (const [name, text] of allDocuments()) {
    const recorded = RECORDED.get(name);
    const { bundle, verdict } = read(text);
    assert.ok(recorded, name);
    if (bundle === undefined) {
      assert.deepEqual(verdict, { installs: false, refreshes: false }, name);
      continue;
    }
    taken++;
    assert.deepEqual(facts(bundle), recorded["go-spiffe"].facts, name);
    assert.equal(verdict.refreshes, recorded.spire.error === "", name);
    assert.equal(verdict.installs, bundle.x509Authorities.length > 0, name);
    assert.deepEqual(read(printBundle(bundle)).bundle, bundle, name);
  }
  assert.ok(taken >= 30, `${taken}`);
});
