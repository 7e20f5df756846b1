/**
 * From a kubeconfig's cluster to an address and to what authenticates it.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import { pem } from "./credentials.ts";
import type { FoundContext } from "./find_context.ts";
import type { ClusterHost } from "./host.ts";

/**
 * The server's URL, with a slash at its end. Without a scheme it is https where
 * the kubeconfig says anything of TLS, else http, as in client-go.
 *
 * @throws {SpirefedError} `usage`, if it is no http or https URL.
 */
export function serverUrl({ name, cluster, user }: FoundContext): URL {
  const { server = "", certificateAuthority, certificateAuthorityData, insecure } = cluster;
  const isTls = [certificateAuthority, certificateAuthorityData, user?.clientCertificateData]
    .some((each) => each !== undefined) || insecure;
  const url = URL.parse(server.includes("://") ? server : `http${isTls ? "s" : ""}://${server}`);
  if (/^[\d.]+$|:/.test(cluster.tlsServerName ?? "")) {
    throw new SpirefedError(
      "usage",
      `[${printable(name)}] tls-server-name in the kubeconfig is an address, not a name`,
      { remedy: "Write a DNS name of the server's certificate, or leave tls-server-name out" },
    );
  }
  const isUsable = url !== null && /^https?:$/.test(url.protocol) && url.hostname !== "" &&
    url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (!isUsable) {
    // It is not repeated: people put passwords into URLs.
    throw new SpirefedError(
      "usage",
      `[${printable(name)}] its server in the kubeconfig is no URL`,
      {
        remedy: "Write server: https://HOST:PORT",
      },
    );
  }
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

/**
 * The certificates that vouch for the server, PEM; `undefined` leaves it to the
 * operating system's trust store.
 *
 * @throws {SpirefedError} `usage`, if what stands there holds no certificate.
 */
export async function certificateAuthority(
  { name, cluster }: FoundContext,
  host: Pick<ClusterHost, "readFile">,
): Promise<string | undefined> {
  const { certificateAuthority: path, certificateAuthorityData: data, insecure } = cluster;
  if (data === undefined && path === undefined) return undefined;
  if (insecure) {
    throw new SpirefedError(
      "usage",
      `[${printable(name)}] the kubeconfig has both a certificate-authority and ` +
        "insecure-skip-tls-verify",
      { remedy: "Remove insecure-skip-tls-verify" },
    );
  }
  const roots = await pem(data, path, host);
  // Roots that cannot be read must not turn into the runtime's own.
  if (roots?.includes("-----BEGIN CERTIFICATE-----")) return roots;
  const where = data === undefined ? printable(path ?? "") : "certificate-authority-data";
  throw new SpirefedError("usage", `[${printable(name)}] there is no certificate in ${where}`);
}

/** Lower-case hex SHA-256 of a text. */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}
