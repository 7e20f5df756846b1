/**
 * What a plan is made of: changes as data, shown before they are made.
 *
 * @module
 */
import type { TrustDomain } from "../spiffe/model.ts";
import type { Manifest, ObjectMeta, Resource } from "../../manifests/manifest.ts";
import type { StaticPeer } from "../../manifests/spire_server.ts";

/** One change to one cluster. */
export type Step = ApplyStep | SetBundleStep | SpireServerStep | RemovalStep;

/** One change that takes something away. */
export type RemovalStep = DeleteStep | EditStep | UnlistStep | ForgetStep;

interface StepBase {
  /** The context it happens in. */
  readonly cluster: string;
  /** What the user reads before agreeing to the change. */
  readonly why: string;
  /** What the user must agree to first; empty when nothing. */
  readonly asks: readonly Ask[];
  /** The peer's context that this is for, where it is for one. */
  readonly peer?: string | undefined;
}

/** Server-side apply of an object. */
export interface ApplyStep extends StepBase {
  readonly action: "create" | "update";
  readonly manifest: Manifest;
  /** Take fields over from other managers: told to, or agreed to. */
  readonly force: boolean;
  /** The spec that the change was made for, where a newer version with the same one will do. */
  readonly seen?: unknown;
}

/** `spire-server bundle set` in a cluster's SPIRE server. */
export interface SetBundleStep extends StepBase {
  readonly action: "exec";
  readonly trustDomain: TrustDomain;
  /** Canonical SPIFFE JSON. */
  readonly bundle: string;
}

/** A change of `SpireServer.spec.federation`; it restarts the SPIRE server. */
export interface SpireServerStep extends StepBase {
  readonly action: "patch";
  /** The whole list, merged; absent when only the endpoint is enabled. */
  readonly federatesWith?: readonly StaticPeer[] | undefined;
  /** The list as it was seen; the change fails if it is another by then. */
  readonly held: readonly StaticPeer[];
  /** The object as it was seen. */
  readonly resourceVersion: string | undefined;
}

/** Deletion of the very object that was seen. */
export interface DeleteStep extends StepBase {
  readonly action: "delete";
  readonly resource: Resource<unknown>;
  readonly name: string;
  readonly namespace?: string | undefined;
  /** An object of this name that was made since is another one, and stays. */
  readonly uid: string;
}

/** Takes peers out of `spec.federatesWith` of an object that gives identities. */
export interface EditStep extends StepBase {
  readonly action: "edit";
  readonly resource: Resource<FederatingObject>;
  readonly name: string;
  readonly uid: string;
  readonly trustDomains: readonly TrustDomain[];
}

/** An object whose workloads receive peers' bundles, as far as a plan knows it. */
export interface FederatingObject {
  readonly metadata: ObjectMeta;
  readonly spec: { readonly federatesWith?: readonly string[] };
}

/** Takes peers out of `SpireServer.spec.federation.federatesWith`; it restarts the SPIRE server. */
export interface UnlistStep extends StepBase {
  readonly action: "unlist";
  readonly trustDomains: readonly TrustDomain[];
}

/** `spire-server bundle delete -mode dissociate` in a cluster's SPIRE server. */
export interface ForgetStep extends StepBase {
  readonly action: "forget";
  readonly trustDomain: TrustDomain;
}

/** One thing to agree to. */
export interface Ask {
  /** A sentence that "yes" agrees to. */
  readonly question: string;
  /** What to know before answering, a line each; hostile text already printable. */
  readonly evidence: readonly string[];
  /** Whether `--yes` agrees to it. */
  readonly yes: boolean;
  /** The flag that agrees to it where `--yes` does not. */
  readonly flag?: string | undefined;
}

/** Something to say about a plan that changes nothing. */
export interface Note {
  readonly cluster: string;
  /** Stable, e.g. `bundle/embedded-stale`. */
  readonly code: string;
  readonly message: string;
}

/** The object or the command that a step is about, as a person names it. */
export function objectOf(step: Step): string {
  switch (step.action) {
    case "create":
    case "update":
      return `${step.manifest.kind}/${step.manifest.metadata.name}`;
    case "delete":
    case "edit":
      return `${step.resource.kind}/${step.name}`;
    case "patch":
    case "unlist":
      return "SpireServer/cluster";
    case "exec":
      return `spire-server bundle set -id spiffe://${step.trustDomain}`;
    case "forget":
      return `spire-server bundle delete -id spiffe://${step.trustDomain} -mode dissociate`;
  }
}

/** What a step does, in the words of kubectl. */
export function verbOf({ action }: Step): "create" | "update" | "patch" | "delete" | "exec" {
  switch (action) {
    case "edit":
    case "unlist":
      return "patch";
    case "forget":
      return "exec";
    default:
      return action;
  }
}
