/**
 * The `spire-server` command of SPIRE 1.13.3, as far as this program calls it: its
 * texts and its exit codes.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { ClusterState, World } from "./model.ts";
import { certificate } from "./spiffe_bundle.ts";
import { deleteStored, listStored, setStored, showOwn } from "./spire_bundle_commands.ts";
import { type Command, done, type Outcome, type Words } from "./spire_command.ts";
import { listRelationships, refreshNow, showRelationship } from "./spire_federation_commands.ts";

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
