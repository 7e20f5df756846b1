/**
 * The identity that a probe works under, as the Workload API renews it.
 *
 * @module
 */
import type { IdentityRecord, ProbeRecord } from "../lib/mtls/records.ts";
import { bundleRecords, type Credentials, type Keyring, keyringOf } from "./keyring.ts";
import { sayingOf } from "./tls_failure.ts";
import { followWorkloadApi } from "./workload_api.ts";

/** Says one thing: a line of the log. */
export type Say = (record: ProbeRecord) => void;

/** Where identity comes from. */
export interface Source {
  readonly socket: string;
  readonly say: Say;
}

/** An identity, and how to follow it. */
export interface Identity {
  /** As it is now. */
  readonly keyring: () => Keyring;
  /** As it was first given: kept, and never renewed. */
  readonly first: ReadonlyMap<string, Credentials>;
  readonly onRenewal: (renewed: () => void) => void;
  readonly stop: () => void;
}

/** No identity in the time that it was waited for. */
export class NoIdentity extends Error {
  override readonly name = "NoIdentity";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Waits until each of these IDs is held. */
export function identify(
  ids: readonly string[],
  patienceMs: number,
  { socket, say }: Source,
): Promise<Identity> {
  return new Promise((resolve, reject) => {
    let keyring: Keyring = { credentials: [], bundles: new Map() };
    let reason = new NoIdentity("workload-api/silent", "the Workload API has not answered yet");
    const first = new Map<string, Credentials>();
    const renewals: (() => void)[] = [];
    const wait = (code: string, message: string): void => {
      if (reason.code !== code) say({ event: "waiting", code, message });
      reason = new NoIdentity(code, message);
    };
    const timer = setTimeout(() => {
      stop();
      reject(reason);
    }, patienceMs);
    const stop = followWorkloadApi(socket, {
      waiting: wait,
      answered: (answer) => {
        try {
          keyring = keyringOf(answer);
        } catch (error) {
          return wait("workload-api/unreadable", sayingOf(error));
        }
        for (const each of keyring.credentials) {
          if (!first.has(each.id)) first.set(each.id, each);
        }
        for (const renewed of renewals) renewed();
        const missing = ids.find((id) => !keyring.credentials.some((each) => each.id === id));
        if (missing !== undefined) {
          const held = keyring.credentials.map(({ id }) => id).join(", ");
          return wait("svid/missing", `no SVID for ${missing}, but for ${held || "nothing"}`);
        }
        clearTimeout(timer);
        const identity: Identity = {
          keyring: () => keyring,
          first,
          onRenewal: (renewed) => void renewals.push(renewed),
          stop,
        };
        resolve(identity);
      },
    });
  });
}

/** The credentials for an ID, as they are now. */
export function credentialsFor(id: string, { credentials }: Keyring): Credentials {
  const found = credentials.find((each) => each.id === id);
  if (found === undefined) throw new NoIdentity("svid/missing", `no SVID for ${id} any more`);
  return found;
}

/** What to report of an identity; its key stays here. */
export function identityRecord(id: string, keyring: Keyring): IdentityRecord {
  const { serial, notBefore, notAfter } = credentialsFor(id, keyring);
  return {
    event: "identity",
    spiffeId: id,
    serial,
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
    bundles: bundleRecords(keyring),
  };
}
