/**
 * A SPIFFE bundle endpoint, as the rest of the program sees it: the port.
 *
 * @module
 */

/** How an endpoint authenticates itself (SPIFFE Federation, sections 5.1 and 5.2). */
export type EndpointProfile =
  | { readonly type: "https_web" }
  | {
    readonly type: "https_spiffe";
    /** The exact SPIFFE ID its certificate must carry. */
    readonly endpointSPIFFEID: string;
    /** DER of the X.509 authorities of that ID's trust domain; nothing else vouches. */
    readonly authorities: readonly Uint8Array[];
    /**
     * Where there are none: SHA-256, lower-case hexadecimal, of authorities that the user
     * got elsewhere. Those of them that the endpoint serves are what it must prove itself under.
     */
    readonly fingerprints?: readonly string[];
  };

/** One redirection of TCP in curl's `--connect-to` form; an empty member matches or keeps any. */
export interface ConnectTo {
  readonly host: string;
  readonly port: string;
  readonly toHost: string;
  readonly toPort: string;
}

/** What to fetch and whom to believe. */
export interface EndpointRequest {
  readonly url: string;
  readonly profile: EndpointProfile;
  readonly connectTo: readonly ConnectTo[];
  /** The time certificates are judged by. */
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** What an authenticated endpoint answered. The bytes are still to be parsed as hostile. */
export interface EndpointAnswer {
  /** The body, at most 1 MiB. */
  readonly body: Uint8Array;
  /** DER of the certificates that authenticated this very connection, leaf first. */
  readonly chain: readonly Uint8Array[];
  /** `address:port` that was spoken to. */
  readonly address: string;
  /** The `Date` header, where there was a readable one. */
  readonly date: Date | undefined;
}

/**
 * Fetches a bundle. Failures are `SpirefedError`s: `refused` when the endpoint is
 * not who it should be (`trust/impostor`), redirects (`trust/redirect`) or has an
 * address that is not spoken to without `--connect-to` (`trust/address`);
 * `preflight` when it cannot be reached or answers no bundle (`net/*`,
 * `endpoint/status`, `endpoint/too-large`, `endpoint/truncated`).
 */
export type FetchBundle = (request: EndpointRequest) => Promise<EndpointAnswer>;

/** What a diagnosis saw of an endpoint: never used to decide trust. */
export interface EndpointDiagnosis {
  /** The failure in SPIFFE's terms, e.g. `untrusted`, `id_mismatch`, `expired`, `no_uri_san`. */
  readonly problem: string;
  /** One sentence for a person. */
  readonly detail: string;
  readonly remedy: string | undefined;
}
