/**
 * Archives that depend on nothing but what is put into them.
 *
 * @module
 */
import { writeTar } from "../../lib/federation/gather/tar.ts";
import { gzip } from "./standalone.ts";

/** A file of an archive. */
export interface ArchiveFile {
  /** With `/` between folders; at most 100 bytes. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly executable?: boolean;
}

/** A `.tar.gz` of files, in the order given; all belong to nobody in particular. */
export async function tarball(files: readonly ArchiveFile[], time: number): Promise<Uint8Array> {
  const members = files.map(({ name, bytes, executable = false }) => ({
    name,
    content: bytes,
    mode: executable ? 0o755 : 0o644,
  }));
  return await gzip(writeTar(members, new Date(time * 1000)));
}
