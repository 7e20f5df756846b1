/**
 * Certificate chains out of PEM files.
 *
 * @module
 */
import type { Context } from "../../../lib/context.ts";
import { SpirefedError } from "../../../lib/errors.ts";
import { type CertificateFacts, readCertificate } from "../../../lib/spiffe/certificate.ts";
import { pemCertificates } from "../../../lib/spiffe/pem.ts";
import { nameOfFile } from "../../bundle/read_bundle.ts";

/** A chain of at least one certificate, leaf first, as it stands in the file. */
export interface Chain {
  readonly certificates: readonly [CertificateFacts, ...CertificateFacts[]];
  /** Whether a private key was left out. */
  readonly hasPrivateKey: boolean;
}

const SIZE_LIMIT = 1024 * 1024;
const BEGIN = "-----BEGIN ";

/**
 * Reads a file. Private keys in it are passed over unread.
 *
 * @throws {SpirefedError} `usage`, with the line of what is no certificate.
 */
export async function readChain(path: string, context: Context): Promise<Chain> {
  return chainFrom(await context.readFile(path), nameOfFile(path));
}

/**
 * The chain in these bytes.
 *
 * @param name of where they are from, which begins every message.
 * @throws {SpirefedError} as {@linkcode readChain}.
 */
export function chainFrom(bytes: Uint8Array, name: string): Chain {
  if (bytes.length > SIZE_LIMIT) {
    throw new SpirefedError("usage", `${name} is larger than 1 MiB`, { code: "pem/malformed" });
  }
  const { kept, hasPrivateKey } = withoutPrivateKeys(bytes);
  const [leaf, ...others] = readPem(kept, name).map(({ der, line }) => {
    const { certificate, complaint } = readCertificate(der);
    if (certificate !== undefined) return certificate;
    const message = `${name}, line ${line}: ${complaint}`;
    throw new SpirefedError("usage", message, { code: "certificate/malformed" });
  });
  if (leaf === undefined) throw new Error("pemCertificates() answered no certificate");
  return { certificates: [leaf, ...others], hasPrivateKey };
}

function readPem(bytes: Uint8Array, name: string): ReturnType<typeof pemCertificates> {
  try {
    return pemCertificates(bytes);
  } catch (error) {
    if (!(error instanceof SpirefedError)) throw error;
    const { message, code, remedy } = error;
    throw new SpirefedError("usage", `${name}: ${message}`, { code, remedy });
  }
}

/**
 * Takes private keys out and leaves their lines empty, so that places stay right. A
 * key without an end reaches to the next block.
 */
function withoutPrivateKeys(
  bytes: Uint8Array,
): { readonly kept: Uint8Array; readonly hasPrivateKey: boolean } {
  // Latin-1 keeps every byte, whatever it is: the strict reader comes after.
  const lines = new TextDecoder("latin1").decode(bytes).split("\n");
  let inKey = false;
  let hasPrivateKey = false;
  const kept = lines.map((line) => {
    if (line.startsWith(BEGIN)) inKey = /^-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(line);
    if (!inKey) return line;
    hasPrivateKey = true;
    if (line.startsWith("-----END ")) inKey = false;
    return "";
  });
  if (!hasPrivateKey) return { kept: bytes, hasPrivateKey };
  return { kept: new TextEncoder().encode(kept.join("\n")), hasPrivateKey };
}
