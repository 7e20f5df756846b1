/**
 * All that a command may touch of the world outside. `mod.ts` builds the real
 * one, tests build one over the sandbox's World.
 *
 * @module
 */
import type { Cluster } from "./cluster/cluster.ts";
import type { FetchBundle } from "./endpoint/endpoint.ts";

/** Everything with an effect that a command may use. */
export interface Context {
  /** Results, and nothing else. */
  readonly stdout: (text: string) => void;
  /** Talk: progress, warnings, errors. */
  readonly stderr: (text: string) => void;
  /** The terminal behind each stream, if any. */
  readonly terminal: Terminal;
  /** What the user typed to start this program: `oc spirefed`, `kubectl spirefed` or `oc-spirefed`. */
  readonly program: string;
  /** Opens a cluster by `CONTEXT` or `path/to/kubeconfig#CONTEXT`. Sends nothing yet. */
  readonly openCluster: (name: string, access: ClusterAccess) => Promise<Cluster>;
  /** Names of all contexts in the kubeconfig, and the current one. Sends nothing. */
  readonly kubeContexts: (access: Pick<ClusterAccess, "kubeconfig">) => Promise<KubeContexts>;
  /** Gives up what the command cannot need; told once, before it does anything. */
  readonly begin?: ((needs: Needs) => void) | undefined;
  /** Fetches from a bundle endpoint. */
  readonly fetchBundle: FetchBundle;
  /** Asks a person; `undefined` when there is nobody to ask. The question goes to stderr. */
  readonly ask: (question: string) => Promise<string | undefined>;
  /** Reads a file, or stdin for `-`. */
  readonly readFile: (path: string) => Promise<Uint8Array>;
  /**
   * Makes a file that nobody else may read; it must not be there yet, and a link does not count
   * as one.
   *
   * @throws {SpirefedError} `preflight`, when it is there or cannot be made.
   */
  readonly createFile?: ((path: string) => Promise<NewFile>) | undefined;
  /** One environment variable. */
  readonly env: (name: string) => string | undefined;
  readonly now: () => Date;
  /** Waits; rejects with the signal's reason when it is aborted meanwhile. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Works at intervals of real time until the answer is called; absent where no time passes. */
  readonly repeat?: (milliseconds: number, work: () => void) => () => void;
  /** Aborted by Ctrl-C and by `--timeout`, with a `SpirefedError` for a reason. */
  readonly signal: AbortSignal;
}

/** A file in the making. */
export interface NewFile {
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** It is whole. */
  readonly keep: () => Promise<void>;
  /** It will not be: nothing of it stays. */
  readonly discard: () => Promise<void>;
}

/** What a command line can lead to, as far as it can be seen before it is carried out. */
export interface Needs {
  /** Files on this machine are written. */
  readonly writes: boolean;
  /**
   * Contexts that are opened: those named, one that is not named (the current one), none,
   * or any.
   */
  readonly clusters: readonly string[] | "one" | "none" | "any";
  /** Endpoints are fetched from. */
  readonly endpoints?: boolean;
}

/** What may be drawn where. */
export interface Terminal {
  /** Whether stdout may carry colour. */
  readonly color: boolean;
  /** Whether stderr is a terminal on which a line may be redrawn. */
  readonly live: boolean;
  /** Width of the terminal; 80 where there is none. */
  readonly columns: number;
}

/** How to reach clusters, from the flags that every command has. */
export interface ClusterAccess {
  /** `--kubeconfig`; else `$KUBECONFIG`, else `~/.kube/config`. */
  readonly kubeconfig: string | undefined;
  /** `--as`, `--as-group`. */
  readonly as: string | undefined;
  readonly asGroups: readonly string[];
  /** `--request-timeout`, for one call, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** `-v`: 6 and above log each request to stderr, never a header or a body. */
  readonly verbosity: number;
  /** Warnings of the server and of the network, one line each. */
  readonly warn: (line: string) => void;
  readonly signal: AbortSignal;
}

/** The contexts that a kubeconfig offers. */
export interface KubeContexts {
  readonly names: readonly string[];
  readonly current: string | undefined;
}
