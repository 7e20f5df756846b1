/**
 * A Workload API on a socket of this machine, for tests of the probe: real gRPC, and
 * identities that the test chose.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { Server, ServerCredentials, type ServiceDefinition, status } from "@grpc/grpc-js";
import type { Issued } from "../lib/endpoint/testing_certificates.ts";

/** What a workload is told. */
export interface TestIdentity {
  readonly id: string;
  readonly svid: Issued;
  /** Roots of its own trust domain. */
  readonly roots: readonly Issued[];
}

/** What the Workload API knows. */
export interface TestAnswer {
  readonly identities: readonly TestIdentity[];
  /** Roots of other trust domains, by name. */
  readonly federated?: Readonly<Record<string, readonly Issued[]>>;
  /** How often it first says that there is no identity. @default {0} */
  readonly denials?: number;
}

/** It listens until it is disposed of. */
export interface TestWorkloadApi extends AsyncDisposable {
  /** As gRPC names it: `unix:/…`. */
  readonly address: string;
}

type Call = { readonly write: (bytes: Uint8Array) => void } & {
  readonly emit: (event: string, error: unknown) => void;
  readonly metadata: { readonly get: (key: string) => readonly unknown[] };
};

/** Starts one. */
export async function workloadApi(folder: string, answer: TestAnswer): Promise<TestWorkloadApi> {
  const server = new Server();
  let denials = answer.denials ?? 0;
  const service = { FetchX509SVID: METHOD } as unknown as ServiceDefinition;
  server.addService(service, {
    FetchX509SVID: (call: Call) => {
      const refuse = (code: number, details: string) => call.emit("error", { code, details });
      if (call.metadata.get("workload.spiffe.io")[0] !== "true") {
        return refuse(status.INVALID_ARGUMENT, "security header missing from request");
      }
      if (denials-- > 0) return refuse(status.PERMISSION_DENIED, "no identity issued");
      call.write(encode(answer));
    },
  });
  const address = `unix:${folder}/agent-${crypto.randomUUID().slice(0, 8)}.sock`;
  await new Promise<void>((bound, failed) => {
    server.bindAsync(
      address,
      ServerCredentials.createInsecure(),
      (error) => error === null ? bound() : failed(error),
    );
  });
  return {
    address,
    [Symbol.asyncDispose]: () => {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}

const METHOD = {
  path: "/SpiffeWorkloadAPI/FetchX509SVID",
  requestStream: false,
  responseStream: true,
  requestSerialize: Buffer.from,
  requestDeserialize: (bytes: Uint8Array) => bytes,
  responseSerialize: (bytes: Uint8Array) => Buffer.from(bytes),
  responseDeserialize: (bytes: Uint8Array) => bytes,
};

function encode({ identities, federated = {} }: TestAnswer): Uint8Array {
  return concat([
    ...identities.map(({ id, svid, roots }) =>
      member(
        1,
        concat([
          member(1, text(id)),
          member(2, concat([svid, ...svid.above].map(({ der }) => der))),
          member(3, keyOf(svid)),
          member(4, concat(roots.map(({ der }) => der))),
        ]),
      )
    ),
    ...Object.entries(federated).map(([trustDomain, roots]) =>
      member(
        3,
        concat([
          member(1, text(`spiffe://${trustDomain}`)),
          member(2, concat(roots.map(({ der }) => der))),
        ]),
      )
    ),
  ]);
}

function keyOf({ keyPem }: Issued): Uint8Array {
  return Buffer.from(keyPem.replace(/-----[^-]+-----|\s/g, ""), "base64");
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function member(number: number, body: Uint8Array): Uint8Array {
  return concat([varint(number * 8 + 2), varint(body.length), body]);
}

function varint(value: number): Uint8Array {
  const octets: number[] = [];
  for (let rest = value; octets.length === 0 || rest > 0; rest = Math.floor(rest / 128)) {
    octets.push(rest % 128 + (rest >= 128 ? 128 : 0));
  }
  return new Uint8Array(octets);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}
