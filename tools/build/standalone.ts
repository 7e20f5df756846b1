/**
 * The executable that needs no Deno: a shell script with the program and the runtime behind it.
 *
 * @module
 */
import { joined } from "../../lib/bytes.ts";
import { ISOLATION, permissionFlags, writeStep } from "./permissions.ts";

/**
 * Puts a program and a runtime behind `standalone.sh`. The same input gives the same bytes.
 *
 * @param runtime the `deno` executable of the machine that it is for.
 */
export async function standalone(program: string, runtime: Uint8Array): Promise<Uint8Array> {
  const text = new TextEncoder().encode(program);
  const [script, packedProgram, packedRuntime, key] = await Promise.all([
    Deno.readTextFile(new URL("standalone.sh", import.meta.url)),
    gzip(text),
    gzip(runtime),
    sha256(text, runtime),
  ]);
  const head = fill(script, {
    KEY: key.slice(0, 32),
    PROGRAM_SIZE: `${text.length}`,
    RUNTIME_SIZE: `${runtime.length}`,
    PROGRAM_PACKED: `${packedProgram.length}`,
    MEGABYTES: `${Math.ceil((text.length + runtime.length) / 1_000_000)}`,
    WRITE_STEP: writeStep(),
    FLAGS: [...permissionFlags(), ...ISOLATION].join(" "),
  });
  return joined([new TextEncoder().encode(head), packedProgram, packedRuntime]);
}

/** Fills the marks in; `@PROGRAM_AT@` is the length of the result, so its own width counts. */
function fill(script: string, marks: Readonly<Record<string, string>>): string {
  const filled = script.replace(/^# .*\n/gm, "")
    .replace(/@([A-Z_]+)@/g, (all, name: string) => marks[name] ?? all);
  const place = "@PROGRAM_AT@";
  const count = filled.split(place).length - 1;
  let length = 0;
  for (let width = 1; width < 10; width++) {
    length = new TextEncoder().encode(filled).length + count * (width - place.length);
    if (`${length + 1}`.length === width) break;
  }
  return filled.replaceAll(place, `${length + 1}`);
}

/** Without a name and a time inside, which the format would allow. */
export async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const { gzip } = await import("node:zlib");
  return await new Promise((resolve, reject) =>
    gzip(bytes, { level: 9 }, (error, packed) => error ? reject(error) : resolve(packed))
  );
}

/** SHA-256 in lower-case hex. */
export async function sha256(...parts: readonly Uint8Array[]): Promise<string> {
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
