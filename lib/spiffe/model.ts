/**
 * The words of SPIFFE as values: what the six functions of this folder take and
 * answer. Types only.
 *
 * @module
 */

declare const trustDomainBrand: unique symbol;
declare const spiffeIdBrand: unique symbol;

/** The name of a SPIFFE trust domain, known to be well formed (SPIFFE-ID, section 2.1). */
export type TrustDomain = string & { readonly [trustDomainBrand]: "TrustDomain" };

/** A SPIFFE ID with its scheme, known to be well formed (SPIFFE-ID, section 2). */
export type SpiffeId = string & { readonly [spiffeIdBrand]: "SpiffeId" };

/** Something to say about an input, with its place in it. */
export interface Problem {
  readonly severity: "error" | "warning";
  /** Stable and lower-case, e.g. `bundle/unknown-use`. */
  readonly code: string;
  readonly message: string;
  /** JSON Pointer (RFC 6901) into the input; empty for the whole. */
  readonly path: string;
}

/** A certificate that may sign SVIDs of its trust domain. */
export interface X509Authority {
  /** The certificate, DER. */
  readonly der: Uint8Array;
  /** Lower-case hex SHA-256 of `der`: the fingerprint that is shown and compared. */
  readonly sha256: string;
  /** Subject key identifier, lower-case hex; `null` when the certificate has none. */
  readonly ski: string | null;
  /** Subject, one line, as in RFC 4514; hostile text until printed. */
  readonly subject: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** The public members of its JWK (`kty`, `n`, `e` or `crv`, `x`, `y`), taken from the certificate. */
  readonly jwk: Readonly<Record<string, string>>;
  /** The trust domains that URI SANs of the certificate name; usually one, or none. */
  readonly uriTrustDomains: readonly string[];
}

/** A key that may sign JWT-SVIDs of its trust domain. */
export interface JwtAuthority {
  readonly kid: string;
  readonly kty: string;
  /** Its public members, `kid` and `use` left out. */
  readonly jwk: Readonly<Record<string, string>>;
}

/** A trust bundle whose every member was understood (Trust Domain and Bundle, section 4). */
export interface Bundle {
  readonly trustDomain: TrustDomain;
  readonly x509Authorities: readonly X509Authority[];
  readonly jwtAuthorities: readonly JwtAuthority[];
  /** `spiffe_sequence`, uint64; absent means unknown, never lower. */
  readonly sequence: bigint | undefined;
  /** `spiffe_refresh_hint` in seconds. */
  readonly refreshHint: number | undefined;
}

/** Whether the two readers in the field would take a document. */
export interface BundleUse {
  /** go-spiffe takes it, our hardening takes it, and one X.509 authority is valid now. */
  readonly installs: boolean;
  /** SPIRE takes it when it polls the endpoint. */
  readonly refreshes: boolean;
}

/** What {@linkcode parseBundle} answers: always an answer, whatever the bytes. */
export interface ParsedBundle {
  /** Absent when the document is refused. */
  readonly bundle: Bundle | undefined;
  readonly verdict: BundleUse;
  readonly problems: readonly Problem[];
}

/** What became of a bundle; the first that matches (`compareBundles`). */
export type ChangeKind =
  | "revoked-all"
  | "same"
  | "rolled-back"
  | "disjoint"
  | "rotated"
  | "added"
  | "removed"
  | "metadata-only";

/** One authority in a comparison: an X.509 one by fingerprint, a JWT one by key ID. */
export type AuthorityName =
  | { readonly use: "x509-svid"; readonly sha256: string }
  | { readonly use: "jwt-svid"; readonly kid: string };

/** The difference between two bundles of one trust domain. */
export interface BundleChange {
  readonly added: readonly AuthorityName[];
  readonly removed: readonly AuthorityName[];
  readonly kept: readonly AuthorityName[];
  readonly sequence: { readonly old: bigint | undefined; readonly new: bigint | undefined };
  readonly change: ChangeKind;
  readonly advice: "nothing" | "apply" | "confirm";
  readonly problems: readonly Problem[];
}

/** What {@linkcode verifySvid} decides by. */
export interface SvidExpectations {
  /** The bundle of the trust domain; an SVID is never judged by another's. */
  readonly bundle: Bundle;
  readonly trustDomain: TrustDomain;
  /** The exact ID it must carry, when only one will do. */
  readonly expectedId?: SpiffeId | undefined;
  readonly now: Date;
}

/** An SVID is good when `problems` holds no error; `id` is then its SPIFFE ID. */
export interface SvidVerdict {
  readonly id: SpiffeId | undefined;
  readonly problems: readonly Problem[];
}
