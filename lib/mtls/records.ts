/**
 * What the plugin orders a probe to do, and what a probe says of it: the one language
 * that both speak. Types only: the probe is a program of its own.
 *
 * @module
 */

/** What a probe is told, as JSON in a file beside it. */
export type Orders = ServerOrders | CallerOrders | VisitorOrders;

interface CommonOrders {
  /** The SPIFFE ID it works under; of several SVIDs it uses that one alone. */
  readonly self: string;
  /** How long it waits for an identity. */
  readonly identityMs: number;
}

/** Serves, and lets one identity in. */
export interface ServerOrders extends CommonOrders {
  readonly role: "server";
  /** The one SPIFFE ID that it answers. */
  readonly allowed: string;
  readonly port: number;
}

/** Calls a server: once as it should be, then as it should not. */
export interface CallerOrders extends CommonOrders {
  readonly role: "caller";
  readonly server: { readonly host: string; readonly port: number; readonly id: string };
  /** Precedes every nonce, so that no answer of another run counts. */
  readonly run: string;
  readonly attempts: readonly AttemptName[];
  /** An identity that the server must not let in, which this probe has too. */
  readonly stranger?: string | undefined;
  /** How often the call is made in all. */
  readonly repeat: number;
  /** How long it tries until the call is answered. */
  readonly answerMs: number;
}

/** Visits a server that is not ours: shakes hands with it, and asks its application nothing. */
export interface VisitorOrders extends CommonOrders {
  readonly role: "visitor";
  readonly server: {
    readonly host: string;
    readonly port: number;
    /** It must have exactly one of these. */
    readonly ids: readonly string[];
  };
  readonly visits: readonly VisitName[];
  /** How long a server may take to judge a certificate before it counts as having let it in. */
  readonly watchMs: number;
  /** The same where it must not: a refusal that is slow is one all the same. */
  readonly watchControlMs: number;
  /** How long it tries until it is let in. */
  readonly answerMs: number;
}

/** The visits that can be made. */
export type VisitName =
  /** The real one; the server must let it in. */
  | "visit"
  | VisitControlName;

/** The visits that must come to nothing. */
export type VisitControlName = "no-certificate" | "self-signed" | "other-server-id";

/** The calls that a caller can make. */
export type AttemptName =
  /** The real one; it must be answered. */
  | "call"
  | ControlName;

/** The calls that must be refused. */
export type ControlName =
  | "no-certificate"
  | "stranger"
  | "unfederated"
  | "self-signed"
  | "other-authority"
  | "expired"
  | "other-server-id"
  | "impostor-server";

/** Where a peer was turned away. */
export type Stage =
  /** By the TLS stack: version, proof of the key, validity, authority. */
  | "handshake"
  /** By the one judge of SVIDs: the chain, the trust domain, the exact ID. */
  | "identity";

/** One line of a probe's log. */
export type ProbeRecord =
  | StartedRecord
  | WaitingRecord
  | IdentityRecord
  | ListeningRecord
  | ServedRecord
  | TurnedAwayRecord
  | AttemptRecord
  | RepeatedRecord
  | VisitRecord
  | GaveUpRecord
  | DoneRecord;

/** It runs. */
export interface StartedRecord {
  readonly event: "started";
  readonly runtime: string;
  /** RFC 3339, by the clock of its node. */
  readonly at: string;
}

/** It waits for an identity; said again only when the reason changes. */
export interface WaitingRecord {
  readonly event: "waiting";
  /** `workload-api/denied`, `workload-api/unreachable`, `svid/missing`… */
  readonly code: string;
  readonly message: string;
}

/** What the Workload API gave it. Never a key. */
export interface IdentityRecord {
  readonly event: "identity";
  readonly spiffeId: string;
  readonly serial: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** The bundles it received, its own among them. */
  readonly bundles: readonly BundleRecord[];
}

/** One trust bundle as a probe holds it. */
export interface BundleRecord {
  readonly trustDomain: string;
  /** Lower-case hex SHA-256 of each authority. */
  readonly authorities: readonly string[];
  /** When the youngest of them began. */
  readonly newestNotBefore: string;
}

/** It takes calls. */
export interface ListeningRecord {
  readonly event: "listening";
}

/** It answered a peer that passed every check. */
export interface ServedRecord {
  readonly event: "served";
  readonly nonce: string;
  /** The peer's ID, from the certificate that it proved to hold. */
  readonly saw: string;
  readonly self: string;
  /** What the peer said over the connection. */
  readonly claimed: { readonly self: string; readonly saw: string };
  readonly serial: string;
  readonly protocol: string;
}

/** It turned a peer away. */
export interface TurnedAwayRecord {
  readonly event: "turned-away";
  /** `null` where the peer did not get as far as saying one. */
  readonly nonce: string | null;
  readonly stage: Stage;
  readonly code: string;
  readonly detail: string;
  /** The trust domains whose bundles it held then. */
  readonly known: readonly string[];
}

/** What came of one call. */
export interface AttemptRecord {
  readonly event: "attempt";
  readonly name: AttemptName;
  readonly nonce: string;
  readonly outcome:
    /** The server replied. */
    | "answered"
    /** This side turned the server away. */
    | "turned-away"
    /** The handshake ended here, and no reply came. */
    | "no-reply"
    /** There was no connection to shake hands over. */
    | "unreachable"
    /** This side could not even try. */
    | "impossible";
  readonly stage: Stage | null;
  readonly code: string | null;
  readonly detail: string | null;
  /** The server's ID, from the certificate that it proved to hold. */
  readonly saw: string | null;
  readonly self: string | null;
  /** What was shown and not trusted: for diagnosis only. */
  readonly shown: { readonly uris: readonly string[]; readonly issuer: string } | null;
  readonly reply: Reply | null;
  readonly protocol: string | null;
  readonly serverSerial: string | null;
  readonly handshakeMs: number | null;
  readonly roundTripMs: number | null;
  /** The trust domains whose bundles it held then. */
  readonly known: readonly string[];
  readonly at: string;
}

/** Calls made again, and how long each took. */
export interface RepeatedRecord {
  readonly event: "repeated";
  readonly calls: number;
  readonly answered: number;
  /** Of those that were answered, milliseconds, ascending. */
  readonly handshakeMs: readonly number[];
  readonly roundTripMs: readonly number[];
  readonly failures: readonly string[];
}

/** What came of one visit. */
export interface VisitRecord {
  readonly event: "visit";
  readonly name: VisitName;
  readonly outcome:
    /** The server kept the connection, though it had time to judge this side's certificate. */
    | "stayed"
    /** The server, or something in between, ended it. */
    | "ended"
    /** This side turned the server away. */
    | "turned-away"
    /** There was no connection to shake hands over. */
    | "unreachable"
    /** This side could not even try. */
    | "impossible";
  readonly stage: Stage | null;
  readonly code: string | null;
  readonly detail: string | null;
  /** The server's ID, from the certificate that it proved to hold, once it was judged good. */
  readonly saw: string | null;
  /** The certificates that were shown, leaf first, trusted or not. */
  readonly chain: readonly ShownRecord[];
  readonly protocol: string | null;
  /** The server gave a session ticket. */
  readonly ticket: boolean;
  /** The server's application spoke first. */
  readonly spoke: boolean;
  readonly handshakeMs: number | null;
  /** For how long the connection was watched after that. */
  readonly watchedMs: number | null;
}

/** One certificate of a chain that a server showed. */
export interface ShownRecord {
  readonly uris: readonly string[];
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  readonly notBefore: string;
  readonly notAfter: string;
}

/** It cannot do as ordered. */
export interface GaveUpRecord {
  readonly event: "gave-up";
  readonly code: string;
  readonly message: string;
}

/** It did all that was ordered. */
export interface DoneRecord {
  readonly event: "done";
}

/** What a caller says over the connection, one line of JSON. */
export interface Request {
  readonly nonce: string;
  readonly self: string;
  readonly saw: string;
  /** A throwaway authority to know from now on, under a trust domain of its own. */
  readonly acquaintance?: { readonly trustDomain: string; readonly authority: string } | undefined;
}

/** What the server says back, one line of JSON. */
export interface Reply {
  readonly nonce: string;
  readonly self: string;
  readonly saw: string;
}
