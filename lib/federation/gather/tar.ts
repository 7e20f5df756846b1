/**
 * Archives in the form that every `tar` reads (POSIX ustar), written and read.
 *
 * @module
 */
import { joined } from "../../bytes.ts";
import { SpirefedError } from "../../errors.ts";

/** A file in an archive. */
export interface TarFile {
  /** Relative, of `A-Z a-z 0-9 . _ - /`, at most 100 characters. */
  readonly name: string;
  readonly content: Uint8Array;
  /** Who may do what with it, 0600 unless given. */
  readonly mode?: number;
}

const BLOCK = 512;
const NAME_REGEXP = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

/** Writes an archive. The same files at the same time give the same bytes. */
export function writeTar(files: readonly TarFile[], at: Date): Uint8Array {
  const parts = files.flatMap((file) => [
    header(file, at),
    file.content,
    new Uint8Array((BLOCK - file.content.length % BLOCK) % BLOCK),
  ]);
  return joined([...parts, new Uint8Array(2 * BLOCK)]);
}

function header({ name, content, mode = 0o600 }: TarFile, at: Date): Uint8Array {
  if (!NAME_REGEXP.test(name) || name.length > 100) throw new Error(`not a member's name: ${name}`);
  const block = new Uint8Array(BLOCK);
  const put = (text: string, offset: number): void =>
    block.set(new TextEncoder().encode(text), offset);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");
  put(name, 0);
  put(`${octal(mode, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100);
  put(`${octal(content.length, 11)} ${octal(Math.floor(at.getTime() / 1000), 11)} `, 124);
  put("        ", 148); // the checksum counts as spaces
  put("0", 156);
  put("ustar\x0000", 257);
  put(`${octal(block.reduce((sum, byte) => sum + byte, 0), 6)}\0 `, 148);
  return block;
}

/**
 * Reads an archive that `writeTar` wrote.
 *
 * @throws {SpirefedError} `usage`, when it is none, or is damaged.
 */
export function readTar(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at + BLOCK <= bytes.length;) {
    const block = bytes.subarray(at, at + BLOCK);
    if (block.every((byte) => byte === 0)) return files;
    const name = textAt(block, 0, 100);
    const size = parseInt(textAt(block, 124, 12).trim(), 8);
    const end = at + BLOCK + size;
    if (!NAME_REGEXP.test(name) || !Number.isSafeInteger(size) || size < 0 || end > bytes.length) {
      throw damaged();
    }
    files.set(name, bytes.subarray(at + BLOCK, end));
    at = at + BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw damaged();
}

function textAt(block: Uint8Array, from: number, length: number): string {
  const field = block.subarray(from, from + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

function damaged(): SpirefedError {
  return new SpirefedError("usage", "The archive is damaged, or gather did not write it", {
    code: "archive/damaged",
  });
}
