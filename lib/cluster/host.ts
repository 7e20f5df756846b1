/**
 * What opening a cluster needs of the machine: the one seam between this folder
 * and the process it runs in.
 *
 * @module
 */
import type { RateLimits } from "./rate_limiter.ts";

/** Environment, files, programs, time and the person in front. */
export interface ClusterHost {
  /** One environment variable. */
  readonly env: (name: string) => string | undefined;
  /** The home folder; absent where there is none. */
  readonly home: string | undefined;
  /** The working folder, absolute. */
  readonly cwd: () => string;
  /** A file's bytes, `undefined` when there is none; other failures are thrown. */
  readonly readFile: (path: string) => Promise<Uint8Array | undefined>;
  /** A path with all links resolved; itself when it cannot be. */
  readonly realPath: (path: string) => Promise<string>;
  /** Runs a credential plugin and waits for it. */
  readonly runPlugin: (call: PluginCall) => Promise<PluginOutput>;
  /** Told of each context that was opened, before anything is sent to its cluster. */
  readonly opened?:
    | ((context: {
      readonly name: string;
      readonly hasPlugin: boolean;
      readonly hasAuthority: boolean;
    }) => Promise<void>)
    | undefined;
  /** What the runtime's own TLS has against a server's certificate; it verifies it all the same. */
  readonly complaintAboutCertificate?:
    | ((server: CertificateHolder) => Promise<string | undefined>)
    | undefined;
  /** Whether a plugin may talk to a person on stdin. */
  readonly stdinIsTerminal: () => boolean;
  readonly now: () => Date;
  /** Waits; rejects with the signal's reason when it is aborted meanwhile. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** A number in [0, 1): spreads retries. */
  readonly random: () => number;
  /** Asks for consent; `undefined` when there is nobody to ask. */
  readonly consent: (question: string) => Promise<boolean | undefined>;
  /** @default {DEFAULT_RATE_LIMITS} */
  readonly rateLimits?: RateLimits | "off" | undefined;
}

/** A server whose certificate is asked about. */
export interface CertificateHolder {
  readonly hostname: string;
  readonly port: number;
  /** PEM; these alone vouch. Absent: the trust store. */
  readonly ca: string | undefined;
}

/** A program to run: an argument vector, never a shell line. stderr is the user's. */
export interface PluginCall {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether stdin is handed on. */
  readonly interactive: boolean;
  readonly signal: AbortSignal;
}

/** What a plugin left behind; `missing` when there is no such program. */
export type PluginOutput =
  | { readonly outcome: "exited"; readonly code: number; readonly stdout: Uint8Array }
  | { readonly outcome: "missing" };
