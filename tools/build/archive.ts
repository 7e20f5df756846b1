/**
 * Archives that depend on nothing but what is put into them.
 *
 * @module
 */
import { joined } from "../../lib/federation/gather/tar.ts";
import { gzip } from "./standalone.ts";

/** A file of an archive. */
export interface ArchiveFile {
  /** With `/` between folders; at most 100 bytes. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly executable?: boolean;
}

const BLOCK = 512;

/** A `.tar.gz` (ustar) of files, in the order given; all belong to nobody in particular. */
export async function tarball(files: readonly ArchiveFile[], time: number): Promise<Uint8Array> {
  const blocks = files.flatMap(({ name, bytes, executable = false }) => [
    header(name, { size: bytes.length, mode: executable ? 0o755 : 0o644, time }),
    bytes,
    new Uint8Array((BLOCK - bytes.length % BLOCK) % BLOCK),
  ]);
  return await gzip(joined([...blocks, new Uint8Array(2 * BLOCK)]));
}

function header(
  name: string,
  { size, mode, time }: { readonly size: number; readonly mode: number; readonly time: number },
): Uint8Array {
  if (new TextEncoder().encode(name).length > 100) throw new RangeError(`Too long: ${name}`);
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string): void =>
    void new TextEncoder().encodeInto(text, block.subarray(at));
  put(0, name);
  put(100, octal(mode, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(size, 11));
  put(136, octal(time, 11));
  put(148, "        ");
  put(156, "0");
  put(257, "ustar\0" + "00");
  put(148, `${octal(block.reduce((sum, byte) => sum + byte, 0), 6)}\0 `);
  return block;
}

function octal(value: number, width: number): string {
  return value.toString(8).padStart(width, "0");
}
