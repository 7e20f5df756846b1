/**
 * The SPIFFE Workload API over its socket, with what it says held in memory only.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { readWorkloadAnswer, type WorkloadAnswer } from "./workload_answer.ts";

const METHOD = "/SpiffeWorkloadAPI/FetchX509SVID";
const RETRY_MS = 500;

/** What to do with what comes. */
export interface Listener {
  /** A new answer: at first, and whenever an SVID or a bundle is renewed. */
  readonly answered: (answer: WorkloadAnswer) => void;
  /** Nothing for now. In a pod's first seconds its entry has not reached the agent yet. */
  readonly waiting: (code: string, message: string) => void;
}

/** Follows the Workload API until stopped; answers how to stop. */
export function followWorkloadApi(socket: string, listener: Listener): () => void {
  const client = new Client(socket, credentials.createInsecure());
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const open = (): void => {
    const metadata = new Metadata();
    // Without it an agent refuses: a web page could not send it.
    metadata.set("workload.spiffe.io", "true");
    const stream = client.makeServerStreamRequest(
      METHOD,
      (request: Uint8Array) => Buffer.from(request),
      (bytes: Uint8Array) => readWorkloadAnswer(bytes),
      new Uint8Array(),
      metadata,
    );
    stream.on("data", listener.answered);
    stream.on("error", (error: ServiceError) => {
      if (stopped) return;
      listener.waiting(codeOf(error), error.details || error.message);
      timer = setTimeout(open, RETRY_MS);
    });
  };
  open();
  return () => {
    stopped = true;
    clearTimeout(timer);
    client.close();
  };
}

function codeOf({ code }: ServiceError): string {
  if (code === status.PERMISSION_DENIED) return "workload-api/denied";
  return code === status.UNAVAILABLE ? "workload-api/unreachable" : "workload-api/failed";
}
