/**
 * Where and as whom to connect at this moment.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import type { ClientParts } from "./api_client.ts";
import type { ServerAddress } from "./connection.ts";
import type { Headers } from "./impersonation.ts";

/** An address with our certificate in it, and the headers that authenticate. */
export interface Passport {
  readonly address: ServerAddress;
  readonly headers: Headers;
  /** What stands for the credential in them, for when it is refused. */
  readonly credential: unknown;
}

/**
 * Gets the credentials for one request. Over plain http none are sent and none
 * are looked for, as in client-go.
 *
 * @throws {SpirefedError} if there are none to be had, or consent is refused.
 */
export async function passportOf(
  { server, credentials, impersonation, cluster, access }: ClientParts,
  tell: (warning: string) => void,
): Promise<Passport> {
  access.signal.throwIfAborted();
  const headers = { "accept-encoding": "identity", "user-agent": "oc-spirefed" };
  if (server.base.protocol === "http:") {
    tell("the connection is not encrypted (http), so no credentials are sent");
    const tls = { ...server.tls, ...NO_CERTIFICATE };
    return { address: { ...server, tls }, headers, credential: undefined };
  }
  if (server.tls.insecure) tell("its certificate is not checked (insecure-skip-tls-verify)");
  const { token, basic, certificate, key } = await credentials.get(access.signal);
  const secrets = [
    ...(token === undefined ? [] : [`Bearer ${token}`]),
    ...(basic === undefined ? [] : [`Basic ${new TextEncoder().encode(basic).toBase64()}`]),
  ];
  const all = { ...impersonation, ...(secrets[0] !== undefined && { authorization: secrets[0] }) };
  const odd = Object.entries(all).find(([, value]) =>
    [value].flat().some((line) => !/^[\x20-\x7e]*$/.test(line))
  );
  if (odd !== undefined) {
    throw new SpirefedError(
      "usage",
      `[${printable(cluster.name)}] ${printable(odd[0])} holds characters that no header may hold`,
    );
  }
  return {
    address: { ...server, tls: { ...server.tls, certificate, key } },
    headers: { ...headers, ...all },
    credential: credentials.latest(),
  };
}

const NO_CERTIFICATE = { certificate: undefined, key: undefined };
