/**
 * The `spire-server` command inside the pod `spire-server-0`: the only place that
 * tells what a SPIRE server really holds. Needs `create pods/exec`, which equals
 * administrator of that SPIRE server.
 *
 * The image has no shell, so every argument is passed as it is.
 *
 * @module
 */
import * as v from "valibot";
import type { Cluster, ContainerKey, ExecResult } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import type { TrustDomain } from "../spiffe/model.ts";
import { OPERATOR_NAMESPACE } from "../../manifests/manifest.ts";
import {
  type EntryAnswer,
  type OwnAuthority,
  readAuthorities,
  readEntries,
  readRelationships,
  type StoredRelationship,
} from "./spire_server_answers.ts";

/** The one container that has the command. */
export const SPIRE_SERVER: ContainerKey = {
  namespace: OPERATOR_NAMESPACE,
  pod: "spire-server-0",
  container: "spire-server",
};

/** Red Hat's image first, then the upstream one. */
const BINARIES = ["/spire-server", "/opt/spire/bin/spire-server"] as const;

/** What `bundle list` prints above each bundle when it lists several: stars, the name, stars. */
const LISTING_HEADER_REGEXP = /^\*{8,}\r?\n\* (?:spiffe:\/\/)?([^\s*]+)\r?\n\*{8,}\r?\n/m;

/** What a forced refresh of one relationship came to. */
export type Refresh =
  | { readonly state: "refreshed" }
  /** There is no such relationship (yet). */
  | { readonly state: "no-relationship" }
  /** The relationship has no bundle to begin with. */
  | { readonly state: "never-seeded" }
  /** The peer's endpoint does not verify under what is stored. */
  | { readonly state: "unauthenticated"; readonly reason: string }
  | { readonly state: "failed"; readonly reason: string };

/** A registration entry that federates. */
export interface FederatedEntry {
  readonly id: string;
  readonly spiffeId: string;
  /** Of the pod that it is for; `undefined` for an entry that no object of the cluster made. */
  readonly podUid: string | undefined;
}

const POD_UID = "pod-uid:";

/** gRPC's codes, as far as they are answers here. */
const OK = 0;
const NOT_FOUND = 5;

const deletionSchema = v.object({
  results: v.array(v.object({
    status: v.object({
      code: v.optional(v.number(), 0),
      message: v.optional(v.string(), ""),
    }),
  })),
});

const entriesSchema = v.object({
  entries: v.array(v.object({
    id: v.string(),
    spiffe_id: v.object({ trust_domain: v.string(), path: v.string() }),
    selectors: v.optional(v.array(v.object({ type: v.string(), value: v.string() })), []),
    federates_with: v.optional(v.array(v.string()), []),
    x509_svid_ttl: v.optional(v.number(), 0),
    hint: v.optional(v.string(), ""),
  })),
});

/** What a pod is given. */
export interface PodEntry {
  readonly spiffeId: string;
  /** Trust domains whose bundles it receives. */
  readonly federatesWith: readonly string[];
  /** 0 for the server's default. */
  readonly ttlSeconds: number;
  readonly hint: string;
}

/** Asks one cluster's SPIRE server. */
export class SpireServerCli {
  readonly #cluster: Cluster;
  readonly #signal: AbortSignal;
  #binary: string | undefined;

  constructor(cluster: Cluster, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#signal = signal;
  }

  /** SPIRE's version, e.g. `1.13.3`; `undefined` when it does not say. */
  async version(): Promise<string | undefined> {
    const { stdout, stderr } = await this.#run(["--version"]);
    return /\d+\.\d+\.\d+[-+.\w]*/.exec(`${stdout}\n${stderr}`)?.[0];
  }

  /** The server's own bundle, SPIFFE JSON with JWT keys and without a refresh hint. */
  async ownBundle(): Promise<Uint8Array> {
    const answer = await this.#run(["bundle", "show", "-format", "spiffe"]);
    return new TextEncoder().encode(this.#demand(answer, "bundle show").stdout);
  }

  /** The bundle it stores for a peer, SPIFFE JSON; `undefined` when it stores none. */
  async storedBundle(trustDomain: TrustDomain): Promise<Uint8Array | undefined> {
    const command = ["bundle", "list", "-id", `spiffe://${trustDomain}`, "-format", "spiffe"];
    const answer = await this.#run(command);
    if (answer.code !== 0 && /not ?found/i.test(answer.stderr)) return undefined;
    return new TextEncoder().encode(this.#demand(answer, "bundle list").stdout);
  }

  /** Every peer's bundle it stores, SPIFFE JSON by trust domain: one call, however many there are. */
  async storedBundles(): Promise<ReadonlyMap<string, Uint8Array>> {
    const answer = await this.#run(["bundle", "list", "-format", "spiffe"]);
    const parts = this.#demand(answer, "bundle list").stdout.split(LISTING_HEADER_REGEXP);
    const stored = new Map<string, Uint8Array>();
    for (let at = 1; at + 1 < parts.length; at += 2) {
      stored.set(parts[at] ?? "", new TextEncoder().encode(parts[at + 1]));
    }
    return stored;
  }

  /** Puts a peer's bundle in place of what is stored. */
  async setBundle(trustDomain: TrustDomain, bundle: string): Promise<void> {
    const command = ["bundle", "set", "-id", `spiffe://${trustDomain}`, "-format", "spiffe"];
    this.#demand(await this.#run(command, new TextEncoder().encode(bundle)), "bundle set");
  }

  /**
   * Takes a peer's bundle away, and out of every entry that federates with the peer.
   * One that is not there is no failure.
   */
  async deleteBundle(trustDomain: TrustDomain): Promise<void> {
    const command = ["bundle", "delete", "-id", `spiffe://${trustDomain}`, "-mode", "dissociate"];
    const what = "bundle delete";
    const answer = this.#demand(await this.#run([...command, "-output", "json"]), what);
    const { results } = this.#read(deletionSchema, answer, what);
    // The exit code is 0 even when it failed: the status of each result says what came of it.
    const failed = results.find(({ status }) => status.code !== OK && status.code !== NOT_FOUND);
    if (failed === undefined && results.length > 0) return;
    throw new SpirefedError(
      "preflight",
      `[${this.#cluster.name}] spire-server ${what} failed: ${
        oneLine(failed?.status.message ?? "it answered no result")
      }`,
      { code: "spire/status" },
    );
  }

  /** Whether there is a dynamic relationship with a peer; static ones are not shown. */
  async hasRelationship(trustDomain: TrustDomain): Promise<boolean> {
    const answer = await this.#run(["federation", "show", "-trustDomain", trustDomain]);
    if (answer.code !== 0 && /not ?found|does not exist/i.test(answer.stderr)) return false;
    this.#demand(answer, "federation show");
    return true;
  }

  /** The registration entries whose workloads receive a peer's bundle. */
  async federatedEntries(trustDomain: TrustDomain): Promise<readonly FederatedEntry[]> {
    const what = "entry show";
    const command = ["entry", "show", "-federatesWith", `spiffe://${trustDomain}`];
    const answer = this.#demand(await this.#run([...command, "-output", "json"]), what);
    return this.#read(entriesSchema, answer, what).entries
      .filter(({ federates_with }) => federates_with.includes(trustDomain))
      .map(({ id, spiffe_id, selectors }) => ({
        id,
        spiffeId: `spiffe://${spiffe_id.trust_domain}${spiffe_id.path}`,
        podUid: selectors.map(({ type, value }) => type === "k8s" ? value : "")
          .find((value) => value.startsWith(POD_UID))?.slice(POD_UID.length),
      }));
  }

  /** The relationships in its datastore; those of its configuration are not among them. */
  async relationships(): Promise<readonly StoredRelationship[]> {
    const answer = await this.#run(["federation", "list", "-output", "json"]);
    return readRelationships(this.#demand(answer, "federation list").stdout);
  }

  /** Its own X.509 authorities by their place in the rotation. */
  async authorities(): Promise<readonly OwnAuthority[]> {
    const answer = await this.#run(["localauthority", "x509", "show", "-output", "json"]);
    return readAuthorities(this.#demand(answer, "localauthority x509 show").stdout);
  }

  /** The registration entries with a selector such as `k8s:pod-uid:…`. */
  async entriesFor(selector: string): Promise<readonly EntryAnswer[]> {
    const answer = await this.#run(["entry", "show", "-selector", selector, "-output", "json"]);
    return readEntries(this.#demand(answer, "entry show").stdout);
  }

  /** The registration entries that a pod's uid selects. */
  async podEntries(uid: string): Promise<readonly PodEntry[]> {
    const what = "entry show";
    const command = ["entry", "show", "-selector", `k8s:${POD_UID}${uid}`];
    const answer = this.#demand(await this.#run([...command, "-output", "json"]), what);
    return this.#read(entriesSchema, answer, what).entries
      .filter(({ selectors }) => selectors.some(({ value }) => value === `${POD_UID}${uid}`))
      .map(({ spiffe_id, federates_with, x509_svid_ttl, hint }) => ({
        spiffeId: `spiffe://${spiffe_id.trust_domain}${spiffe_id.path}`,
        federatesWith: federates_with,
        ttlSeconds: x509_svid_ttl,
        hint,
      }));
  }

  /** Fetches a peer's bundle from its endpoint now, as the server does by itself later. */
  async refresh(trustDomain: TrustDomain): Promise<Refresh> {
    const answer = await this.#run(["federation", "refresh", "-id", `spiffe://${trustDomain}`]);
    if (answer.code === 0) return { state: "refreshed" };
    const reason = oneLine(answer.stderr || answer.stdout);
    if (/no federation relationship|relationship.*not found/i.test(reason)) {
      return { state: "no-relationship" };
    }
    if (/local copy of bundle not found/i.test(reason)) return { state: "never-seeded" };
    if (/unknown authority|could not verify leaf/i.test(reason)) {
      return { state: "unauthenticated", reason };
    }
    return { state: "failed", reason };
  }

  #read<const S extends v.GenericSchema>(
    schema: S,
    { stdout }: ExecResult,
    what: string,
  ): v.InferOutput<S> {
    try {
      return v.parse(schema, JSON.parse(stdout));
    } catch (cause) {
      throw new SpirefedError(
        "preflight",
        `[${this.#cluster.name}] spire-server ${what} answered what cannot be read`,
        { cause, code: "spire/unreadable" },
      );
    }
  }

  #demand(answer: ExecResult, what: string): ExecResult {
    if (answer.code === 0) return answer;
    throw new SpirefedError(
      "preflight",
      `[${this.#cluster.name}] spire-server ${what} exited ${answer.code}: ${
        oneLine(answer.stderr || answer.stdout)
      }`,
      { code: "spire/exit" },
    );
  }

  async #run(command: readonly string[], stdin?: Uint8Array): Promise<ExecResult> {
    const attempt = (binary: string): Promise<ExecResult> =>
      this.#cluster.exec(SPIRE_SERVER, [binary, ...command], { stdin, signal: this.#signal });
    if (this.#binary !== undefined) return await attempt(this.#binary);
    let failure: unknown;
    for (const binary of BINARIES) {
      try {
        const answer = await attempt(binary);
        this.#binary = binary;
        return answer;
      } catch (error) {
        if (!isMissingBinary(error)) throw error;
        failure ??= error;
      }
    }
    throw failure;
  }
}

/** A container without the command: the API server accepts the call, the runtime cannot start it. */
function isMissingBinary(error: unknown): boolean {
  return error instanceof SpirefedError &&
    /failed to start exec|no such file or directory|executable file not found/i.test(error.message);
}

function oneLine(text: string): string {
  return printable(text.trim().replace(/\s*\n\s*/g, " ").replace(/^Error: /, ""), 500);
}
