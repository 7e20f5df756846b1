/**
 * The `spire-server` command inside the pod `spire-server-0`: the only place that
 * tells what a SPIRE server really holds. Needs `create pods/exec`, which equals
 * administrator of that SPIRE server.
 *
 * The image has no shell, so every argument is passed as it is.
 *
 * @module
 */
import type { Cluster, ContainerKey, ExecResult } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import type { TrustDomain } from "../spiffe/model.ts";
import { OPERATOR_NAMESPACE } from "../../manifests/manifest.ts";

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
