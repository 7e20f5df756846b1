/**
 * `spire-server bundle` of SPIRE 1.13.3: show, list, set, delete.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { ClusterState, SpireState, World } from "./model.ts";
import { ownBundle } from "./network.ts";
import { printSpireBundle, readBundle, toPem } from "./spiffe_bundle.ts";
import { done, failed, type Outcome, trustDomainIn, type Words } from "./spire_command.ts";

function isTrustDomain(name: string): boolean {
  return /^[a-z0-9._-]+$/.test(name);
}

function printAs(format: string | undefined, text: string): string {
  if (format === "spiffe") return `${printSpireBundle(readBundle(text, "go-spiffe"), 4)}\n`;
  return toPem(readBundle(text, "go-spiffe").x509.map((der) => Buffer.from(der, "base64")));
}

/** `bundle show`: the server's own. */
export function showOwn(_: World, { spire }: ClusterState, { flags }: Words): Outcome {
  return [spire, done(printAs(flags.get("format"), printSpireBundle(ownBundle(spire), 0)))];
}

/** `bundle list`: those of peers, or one of them. */
export function listStored(_: World, { spire }: ClusterState, words: Words): Outcome {
  const format = words.flags.get("format");
  if (!words.flags.has("id")) {
    if (words.json) {
      return [
        spire,
        done(
          `${JSON.stringify({ bundles: [...spire.stored].map(protoOf), next_page_token: "" })}\n`,
        ),
      ];
    }
    const parts = [...spire.stored].map(([name, text]) =>
      `${STARS}\n* ${name}\n${STARS}\n${printAs(format, text)}`
    );
    return [spire, done(parts.join("\n"))];
  }
  const name = trustDomainIn(words);
  const text = spire.stored.get(name);
  if (text === undefined) {
    return [spire, failed("rpc error: code = NotFound desc = bundle not found")];
  }
  return [
    spire,
    done(words.json ? `${JSON.stringify(protoOf([name, text]))}\n` : printAs(format, text)),
  ];
}

const STARS = "*".repeat(40);

/** A bundle as proto JSON: snake case, 64-bit numbers as strings. */
export function protoOf([name, text]: readonly [string, string]): unknown {
  const { x509, jwt, refreshHint, sequence } = readBundle(text, "go-spiffe");
  return {
    trust_domain: name,
    x509_authorities: x509.map((asn1) => ({ asn1, tainted: false })),
    jwt_authorities: jwt.map(({ kid }) => ({ key_id: kid, expires_at: "0", tainted: false })),
    refresh_hint: String(refreshHint ?? 0),
    sequence_number: String(sequence),
  };
}

/** `bundle set`, from stdin. */
export function setStored(world: World, { spire }: ClusterState, words: Words): Outcome {
  const name = trustDomainIn(words);
  if (name === "") return [spire, failed("id flag is required")];
  try {
    const bundle = words.flags.get("format") === "spiffe"
      ? readBundle(words.stdin, "go-spiffe")
      : { x509: pemIn(words.stdin), jwt: [], sequence: 0, refreshHint: undefined };
    const stored = new Map(spire.stored).set(name, printSpireBundle(bundle, 0));
    const result = { status: { code: 0, message: "OK" }, bundle: null };
    // A waiting poll is not brought forward: only a refresh, or its own time, uses the new text.
    const text = words.json ? `${JSON.stringify({ results: [result] })}\n` : "bundle set.\n";
    return [
      { ...spire, stored, controller: { ...spire.controller, dueAt: world.clock } },
      done(text),
    ];
  } catch (error) {
    return [spire, failed(`unable to parse to spiffe bundle: ${(error as Error).message}`)];
  }
}

function pemIn(text: string): readonly string[] {
  const found = [...text.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g)];
  if (found.length === 0) throw new Error("no PEM blocks");
  return found.map(([, base64 = ""]) => base64.replace(/\s/g, ""));
}

/** `bundle delete`, in each of its modes. */
export function deleteStored(_: World, { spire }: ClusterState, words: Words): Outcome {
  const name = trustDomainIn(words);
  const mode = words.flags.get("mode") ?? "restrict";
  if (name === "") return [spire, failed("id is required")];
  if (!["restrict", "dissociate", "delete"].includes(mode)) {
    return [spire, failed(`unsupported mode "${mode}"`)];
  }
  const federating = spire.entries.filter(({ federatesWith }) => federatesWith.includes(name));
  const status = !isTrustDomain(name)
    ? {
      code: 3,
      message:
        "invalid trust domain argument: trust domain characters are limited to lowercase letters, numbers, dots, dashes, and underscores",
    }
    : !spire.stored.has(name)
    ? { code: 5, message: "bundle not found" }
    : mode === "restrict" && federating.length > 0
    ? {
      code: 9,
      message:
        `failed to delete federated bundle: rpc error: code = FailedPrecondition desc = cannot delete bundle; federated with ${federating.length} registration entries`,
    }
    : { code: 0, message: "OK" };
  const next = status.code === 0 ? withoutStored(spire, name, mode) : spire;
  // With JSON the exit code says nothing: the status of each result does.
  if (words.json) {
    return [next, done(`${JSON.stringify({ results: [{ status, trust_domain: name }] })}\n`)];
  }
  return status.code === 0
    ? [next, done("bundle deleted.\n")]
    : [next, failed(`failed to delete federated bundle "${name}": ${status.message}`)];
}

function withoutStored(spire: SpireState, name: string, mode: string): SpireState {
  const stored = new Map(spire.stored);
  stored.delete(name);
  const entries = mode === "delete"
    ? spire.entries.filter(({ federatesWith }) => !federatesWith.includes(name))
    : spire.entries.map((entry) => ({
      ...entry,
      federatesWith: entry.federatesWith.filter((peer) => peer !== name),
    }));
  return { ...spire, stored, entries };
}
