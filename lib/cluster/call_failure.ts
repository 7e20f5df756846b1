/**
 * From what the network did to a message a person understands.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import { CertificateDatesError } from "./certificate_dates.ts";
import { networkFailure, TooLargeError } from "./network_failure.ts";
import { TlsMaterialError } from "./tls_material.ts";
import { headline, type Operation, type Spoken } from "./status_failure.ts";

/** The call that failed. */
export interface FailedCall {
  readonly cluster: Spoken;
  readonly operation: Operation;
  readonly idempotent: boolean;
}

/** The failure an error of the network stands for; any other error as it is. */
export function callFailure(
  error: unknown,
  { cluster, operation, idempotent }: FailedCall,
): unknown {
  const head = headline(cluster, operation);
  if (error instanceof TooLargeError) {
    return new SpirefedError("preflight", `${head}: ${error.message}`, {
      code: "server/too-large",
    });
  }
  if (error instanceof TlsMaterialError) {
    return new SpirefedError("usage", `[${printable(cluster.name)}] ${error.message}`, {
      code: "auth/certificate",
      remedy: "Mend the kubeconfig, or log in again",
    });
  }
  const network = networkFailure(error);
  if (network === undefined) return error;
  const unsure = network.maybeDelivered && !idempotent
    ? "; whether the server did it is not known"
    : "";
  return new SpirefedError(
    "preflight",
    `${head}: ${printable(cluster.url)}: ${printable(network.text, 500)}${unsure}`,
    {
      code: network.code,
      remedy: error instanceof CertificateDatesError
        ? "Compare this machine's clock (date -u) with the server's; if it is right, the certificate has to be renewed"
        : network.code === "net/tls"
        ? "Compare certificate-authority in the kubeconfig with the server's certificate"
        : `oc ${cluster.options} get --raw /version`,
    },
  );
}
