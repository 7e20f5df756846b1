/**
 * Certificates and keys of a kubeconfig, checked before they are used: Deno's
 * node:tls leaves out what it cannot read, and the server's answer would mislead.
 *
 * @module
 */
import type { TlsSettings } from "./connection.ts";

/** What in a kubeconfig cannot be used; never holds any of it. */
export class TlsMaterialError extends Error {
  override readonly name = "TlsMaterialError";
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*(-----END CERTIFICATE-----)?/g;

/**
 * Checks the authority, the client certificate and its key.
 *
 * @throws {TlsMaterialError} if one is not what it should be.
 */
export async function checkTlsMaterial(
  { ca, certificate, key }: Pick<TlsSettings, "ca" | "certificate" | "key">,
): Promise<void> {
  const { createPrivateKey, X509Certificate } = await import("node:crypto");
  const read = (pem: string, what: string): InstanceType<typeof X509Certificate> => {
    try {
      return new X509Certificate(pem);
    } catch {
      throw new TlsMaterialError(`${what} is not a certificate`);
    }
  };
  for (const [pem] of ca?.matchAll(CERTIFICATE) ?? []) read(pem, "a certificate-authority");
  if (certificate === undefined || key === undefined) return;
  const leaf = read(certificate, "the client certificate");
  if (key.includes("ENCRYPTED")) throw new TlsMaterialError("the client key is encrypted");
  let isPair = false;
  try {
    isPair = leaf.checkPrivateKey(createPrivateKey(key));
  } catch {
    throw new TlsMaterialError("the client key is not a private key in PEM");
  }
  if (!isPair) throw new TlsMaterialError("the client key is not that of the client certificate");
}
