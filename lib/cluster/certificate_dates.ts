/**
 * Whether a server's certificate is refused for its dates. Deno's node:tls has one and the
 * same error for every fault of a certificate (seen with 2.9.6); the runtime's own TLS
 * tells them apart, so it is asked too. Neither ever accepts what it does not verify.
 *
 * @module
 */
import type { ServerAddress } from "./connection.ts";
import type { ClusterHost } from "./host.ts";

/** A clock, or a certificate that nobody has renewed. */
export class CertificateDatesError extends Error {
  override readonly name = "CertificateDatesError";
  readonly code = "CERT_DATES";
}

const VAGUE = "UNABLE_TO_VERIFY_LEAF_SIGNATURE";

/** The error, or a clearer one where the dates of the server's certificate are its cause. */
export async function explainDates(
  error: unknown,
  { base, proxy, tls: { ca } }: {
    readonly base: URL;
    readonly proxy: URL | undefined;
    readonly tls: Pick<ServerAddress["tls"], "ca">;
  },
  { complaintAboutCertificate }: Pick<ClusterHost, "complaintAboutCertificate">,
): Promise<unknown> {
  const isVague = error instanceof Error && (error as { code?: string }).code === VAGUE;
  if (!isVague || proxy !== undefined || complaintAboutCertificate === undefined) return error;
  const complaint = await complaintAboutCertificate({
    hostname: base.hostname.replace(/^\[|\]$/g, ""),
    port: Number(base.port || 443),
    ca,
  }).catch(() => undefined);
  const said = datesIn(complaint ?? "");
  return said === undefined ? error : new CertificateDatesError(said, { cause: error });
}

/**
 * What rustls says of dates, in our words: `certificate expired: verification time 17… (UNIX),
 * but certificate is not valid after 16… (… seconds ago)`, and its counterpart.
 */
export function datesIn(complaint: string): string | undefined {
  const [, side, seconds] =
    /certificate is not valid (after|before) (\d{1,12})\b/.exec(complaint) ??
      [];
  if (side === undefined) return undefined;
  const at = new Date(Number(seconds) * 1000).toISOString().replace(/\.\d+Z$/, "Z");
  return side === "after"
    ? `its certificate has expired, at ${at}`
    : `its certificate is not yet valid: it begins at ${at}`;
}
