/**
 * What goes wrong in memory, in the words of the real adapter: a message in practice is the
 * message there.
 *
 * @module
 */
import { callFailure } from "../lib/cluster/call_failure.ts";
import { CutError } from "../lib/cluster/network_failure.ts";
import {
  headline,
  type Operation,
  type Spoken,
  statusFailure,
} from "../lib/cluster/status_failure.ts";
import { SpirefedError } from "../lib/errors.ts";
import { printable } from "../lib/output/printable.ts";
import type { Status } from "./model.ts";

/** The API server refused. */
export function refusal(
  cluster: Spoken,
  operation: Operation,
  { code, reason, message, causes }: Status,
): SpirefedError {
  // A Status without a name in its details means that the kind is not there.
  const missing = code === 404 && message === "the server could not find the requested resource";
  const details = { name: missing ? "" : operation.object, causes };
  const body = { kind: "Status", status: "Failure", code, reason, message, details };
  return statusFailure(operation, {
    cluster,
    refusal: {
      status: code,
      contentType: "application/json",
      location: undefined,
      body: new TextEncoder().encode(JSON.stringify(body)),
    },
  });
}

/** The connection was cut; whether anything was done is not known. */
export function cut(cluster: Spoken, operation: Operation, idempotent: boolean): unknown {
  return callFailure(new CutError(), { cluster, operation, idempotent });
}

/** The container runtime could not start the command: the API server did its part. */
export function notStarted(
  cluster: Spoken,
  operation: Operation,
  { message }: Status,
): SpirefedError {
  const text = `${headline(cluster, operation)}: ${printable(message, 500)}`;
  return new SpirefedError("preflight", text, { code: "exec/failed" });
}

/** What came is not the object that was asked for. */
export function unreadableObject(
  cluster: Spoken,
  operation: Operation,
  error: Error,
): SpirefedError {
  const text = `${headline(cluster, operation)}: it cannot be read: ${
    printable(error.message, 300)
  }`;
  return new SpirefedError("preflight", text, { code: "server/unreadable" });
}
