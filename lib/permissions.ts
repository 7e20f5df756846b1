/**
 * Gives permissions of the process up as soon as a command cannot need them any more.
 * What is given up cannot be had back, nor by code that a hostile answer might reach.
 *
 * Loaded on the path of `--help`: no package, no `node:` module.
 *
 * @module
 */
import type { Needs } from "./context.ts";

/** What a context that was opened may make the program do. */
export interface OpenedContext {
  /** As the user named it. */
  readonly name: string;
  /** Its user has a credential plugin, which may be run now and again later. */
  readonly hasPlugin: boolean;
  /** Its cluster is authenticated by a CA of its own, not by those that the machine trusts. */
  readonly hasAuthority: boolean;
}

/** How permissions are given up, and the trust store of the machine read before. */
export interface PermissionHost {
  readonly revoke: (permission: "write" | "run" | "sys") => void;
  /** Reads the roots that the machine trusts; they then stay in memory. */
  readonly readSystemRoots: () => Promise<void>;
}

/** Follows which contexts are opened, until no credential plugin can be wanted any more. */
export class Permissions {
  readonly #host: PermissionHost;
  #needs: Needs = { writes: true, clusters: "any" };
  readonly #opened = new Map<string, OpenedContext>();
  #settled: Promise<void> | undefined;

  constructor(host: PermissionHost) {
    this.#host = host;
  }

  /** What the command line can lead to; told once, before the command does anything. */
  begin(needs: Needs): void {
    this.#needs = needs;
    if (!needs.writes) this.#host.revoke("write");
    if (needs.clusters !== "none") return;
    this.#host.revoke("run");
    if (!needs.endpoints) this.#host.revoke("sys");
  }

  /** A context was opened; nothing has been sent to its cluster yet. */
  async opened(context: OpenedContext): Promise<void> {
    this.#opened.set(context.name, context);
    if (!this.#allOpened()) return;
    await (this.#settled ??= this.#settle());
  }

  #allOpened(): boolean {
    const { clusters } = this.#needs;
    if (clusters === "any" || clusters === "none") return false;
    return clusters === "one" || clusters.every((name) => this.#opened.has(name));
  }

  async #settle(): Promise<void> {
    const all = [...this.#opened.values()];
    if (!all.some(({ hasPlugin }) => hasPlugin)) this.#host.revoke("run");
    // An endpoint may turn out to be one of the Web, much later: its roots are not read before.
    const ownRoots = all.every(({ hasAuthority }) => hasAuthority);
    if (ownRoots && this.#needs.endpoints) return;
    if (!ownRoots) await this.#host.readSystemRoots();
    this.#host.revoke("sys");
  }
}

/** The permissions of this process. */
export function processPermissions(): Permissions {
  return new Permissions({
    revoke: (name) => void Deno.permissions.revokeSync({ name }),
    readSystemRoots: async () => {
      const { default: tls } = await import("node:tls");
      tls.getCACertificates("system");
    },
  });
}
