/**
 * The `spire-server` command of SPIRE 1.13.3, as far as this program calls it: its
 * texts and its exit codes.
 *
 * @module
 */
import { managedBy, refresh } from "./bundle_manager.ts";
import type { ClusterState, Relationship, SpireState, World } from "./model.ts";
import { ownBundle } from "./network.ts";
import { certificate, printSpireBundle, readBundle, toPem } from "./spiffe_bundle.ts";
import { Buffer } from "node:buffer";

/** What a command came to. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command line, taken apart. */
interface Words {
  readonly flags: ReadonlyMap<string, string>;
  readonly stdin: string;
  readonly json: boolean;
}

type Outcome = readonly [SpireState, CommandResult];
type Command = (world: World, cluster: ClusterState, words: Words) => Outcome;

const VERSION = "1.13.3";

/** Runs `spire-server` with these arguments. */
export function runSpireServer(
  world: World,
  cluster: ClusterState,
  args: readonly string[],
  stdin: string,
): Outcome {
  const { spire } = cluster;
  if (args[0] === "--version" || args[0] === "-version") return [spire, done("", `${VERSION}\n`)];
  const count = args.findIndex((word) => word.startsWith("-"));
  const name = args.slice(0, count < 0 ? undefined : count).join(" ");
  const command = COMMANDS[name];
  if (command === undefined) {
    return [spire, {
      code: 127,
      stdout: "",
      stderr: "Usage: spire-server [--version] [--help] <command> [<args>]\n",
    }];
  }
  const flags = flagsIn(count < 0 ? [] : args.slice(count));
  return command(world, cluster, { flags, stdin, json: flags.get("output") === "json" });
}

function flagsIn(words: readonly string[]): ReadonlyMap<string, string> {
  const flags = new Map<string, string>();
  for (let at = 0; at < words.length; at++) {
    const [, name = "", value] = /^--?([^=]+)(?:=(.*))?$/s.exec(words[at] ?? "") ?? [];
    const next = words[at + 1];
    if (value !== undefined) flags.set(name, value);
    else if (next !== undefined && !next.startsWith("-")) flags.set(name, words[++at] ?? "");
    else flags.set(name, "true");
  }
  return flags;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  "healthcheck": (_, { spire }) => [spire, done("Server is healthy.\n")],
  "bundle show": showOwn,
  "bundle list": listStored,
  "bundle set": setStored,
  "bundle delete": deleteStored,
  "federation list": listRelationships,
  "federation show": showRelationship,
  "federation refresh": refreshNow,
  "entry show": showEntries,
  "localauthority x509 show": showAuthorities,
  "debug getinfo": debugInfo,
};

function done(stdout: string, stderr = ""): CommandResult {
  return { code: 0, stdout, stderr };
}

function failed(message: string): CommandResult {
  return { code: 1, stdout: "", stderr: `Error: ${message}\n` };
}

/** `-id spiffe://td` or `-id td`. */
function trustDomainIn({ flags }: Words): string {
  return (flags.get("id") ?? "").replace(/^spiffe:\/\//, "");
}

function isTrustDomain(name: string): boolean {
  return /^[a-z0-9._-]+$/.test(name);
}

function printAs(format: string | undefined, text: string): string {
  if (format === "spiffe") return `${printSpireBundle(readBundle(text, "go-spiffe"), 4)}\n`;
  return toPem(readBundle(text, "go-spiffe").x509.map((der) => Buffer.from(der, "base64")));
}

function showOwn(_: World, { spire }: ClusterState, { flags }: Words): Outcome {
  return [spire, done(printAs(flags.get("format"), printSpireBundle(ownBundle(spire), 0)))];
}

function listStored(_: World, { spire }: ClusterState, words: Words): Outcome {
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
function protoOf([name, text]: readonly [string, string]): unknown {
  const { x509, jwt, refreshHint, sequence } = readBundle(text, "go-spiffe");
  return {
    trust_domain: name,
    x509_authorities: x509.map((asn1) => ({ asn1, tainted: false })),
    jwt_authorities: jwt.map(({ kid }) => ({ key_id: kid, expires_at: "0", tainted: false })),
    refresh_hint: String(refreshHint ?? 0),
    sequence_number: String(sequence),
  };
}

function setStored(world: World, { spire }: ClusterState, words: Words): Outcome {
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

function deleteStored(_: World, { spire }: ClusterState, words: Words): Outcome {
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

function relationshipText(
  [name, { url, profile, endpointId }]: readonly [string, Relationship],
): string {
  const id = endpointId === undefined ? "" : `Endpoint SPIFFE ID        : ${endpointId}\n`;
  return `Trust domain              : ${name}\nBundle endpoint URL       : ${url}\nBundle endpoint profile   : ${profile}\n${id}`;
}

/** With the bundle that is stored for it, whichever way that came. */
function relationshipProto(
  { stored }: SpireState,
  [name, { url, endpointId }]: readonly [string, Relationship],
): unknown {
  const profile = endpointId === undefined
    ? { https_web: {} }
    : { https_spiffe: { endpoint_spiffe_id: endpointId } };
  const text = stored.get(name);
  const bundle = text === undefined ? null : protoOf([name, text]);
  return { trust_domain: name, bundle_endpoint_url: url, ...profile, trust_domain_bundle: bundle };
}

/** Only what is in the datastore: static relationships are not shown. */
function listRelationships(_: World, { spire }: ClusterState, { json }: Words): Outcome {
  const all = [...spire.dynamic];
  if (json) {
    const federation_relationships = all.map((one) => relationshipProto(spire, one));
    return [spire, done(`${JSON.stringify({ federation_relationships, next_page_token: "" })}\n`)];
  }
  const head = `Found ${all.length} federation relationship${all.length === 1 ? "" : "s"}\n`;
  return [spire, done(head + all.map((one) => `\n${relationshipText(one)}`).join(""))];
}

function showRelationship(_: World, { spire }: ClusterState, { flags, json }: Words): Outcome {
  const name = flags.get("trustDomain");
  if (name === undefined) return [spire, failed("a trust domain name is required")];
  const found = spire.dynamic.get(name);
  if (found === undefined) {
    return [
      spire,
      failed(
        "error showing federation relationship: rpc error: code = NotFound desc = federation relationship does not exist",
      ),
    ];
  }
  if (json) return [spire, done(`${JSON.stringify(relationshipProto(spire, [name, found]))}\n`)];
  const head = `Found a federation relationship with trust domain ${name}:\n\n`;
  return [spire, done(head + relationshipText([name, found]))];
}

function refreshNow(world: World, cluster: ClusterState, words: Words): Outcome {
  const id = words.flags.get("id");
  if (id === undefined) return [cluster.spire, failed("id is required")];
  const name = trustDomainIn(words);
  if (!managedBy(cluster.spire).has(name)) {
    return [cluster.spire, failed(`there is no federation relationship with trust domain "${id}"`)];
  }
  const [spire, { error }] = refresh(world, cluster, name);
  if (error !== undefined) {
    return [
      spire,
      failed(
        `failed to refresh bundle: rpc error: code = Internal desc = failed to refresh bundle: ${error}`,
      ),
    ];
  }
  return [spire, done(words.json ? "{}\n" : "Bundle refreshed\n")];
}

function showEntries(
  _: World,
  { spire, trustDomain }: ClusterState,
  { flags, json }: Words,
): Outcome {
  const peer = flags.get("federatesWith")?.replace(/^spiffe:\/\//, "");
  const found = spire.entries.filter(({ federatesWith }) =>
    peer === undefined || federatesWith.includes(peer)
  );
  if (json) {
    const entries = found.map(({ id, spiffeId, selectors, federatesWith }) => ({
      id,
      spiffe_id: { trust_domain: trustDomain, path: spiffeId.replace(/^spiffe:\/\/[^/]+/, "") },
      selectors: selectors.map((selector) => {
        const [, type = "", value = ""] = /^([^:]+):(.*)$/.exec(selector) ?? [];
        return { type, value };
      }),
      federates_with: federatesWith,
    }));
    return [spire, done(`${JSON.stringify({ entries, next_page_token: "" })}\n`)];
  }
  const text = found.map(({ id, spiffeId, federatesWith }) =>
    `\nEntry ID         : ${id}\nSPIFFE ID        : ${spiffeId}\n${
      federatesWith.map((name) => `FederatesWith    : ${name}\n`).join("")
    }`
  ).join("");
  return [
    spire,
    done(`Found ${found.length} ${found.length === 1 ? "entry" : "entries"}\n${text}`),
  ];
}

function showAuthorities(_: World, { spire }: ClusterState, { json }: Words): Outcome {
  const states = ["active", "prepared", "old"] as const;
  const known = states.map((state) =>
    [state, spire.x509Authorities.find((authority) => authority.state === state)] as const
  );
  const shown = known.map(([state, authority]) =>
    [
      state,
      authority && {
        authority_id: certificate(Buffer.from(authority.der).toString("base64")).fingerprint256
          .replaceAll(":", "").slice(0, 40).toLowerCase(),
        expires_at: String(Math.floor(authority.notAfter / 1000)),
      },
    ] as const
  );
  if (json) {
    return [
      spire,
      done(`${JSON.stringify(Object.fromEntries(shown.filter(([, found]) => found)))}\n`),
    ];
  }
  const text = shown.map(([state, found]) => {
    const title = `${state[0]?.toUpperCase()}${state.slice(1)} X.509 authority:\n`;
    return found === undefined
      ? `${title}  No ${state} X.509 authority found\n`
      : `${title}  Authority ID: ${found.authority_id}\n  Expires at: ${
        new Date(Number(found.expires_at) * 1000).toISOString()
      }\n`;
  }).join("\n");
  return [spire, done(text)];
}

function debugInfo(world: World, { spire }: ClusterState, { json }: Words): Outcome {
  const svid = {
    id: { trust_domain: "", path: "/spire/server" },
    expires_at: String(Math.floor(spire.svidNotAfter / 1000)),
  };
  const info = {
    svid_chain: [svid],
    uptime: Math.floor(world.clock / 1000) % 86_400,
    agents_count: 1,
    entries_count: spire.entries.length,
    federated_bundles_count: spire.stored.size,
  };
  return [
    spire,
    done(json ? `${JSON.stringify(info)}\n` : `Federated bundles: ${spire.stored.size}\n`),
  ];
}
