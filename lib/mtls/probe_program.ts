/**
 * The probe's program, as it is put into a ConfigMap.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { gunzipSync } from "node:zlib";
import { PACKED_PROBE } from "./probe_packed.ts";

/** One JavaScript module for Node.js 20 or newer. */
export function probeProgram(): string {
  return gunzipSync(Buffer.from(PACKED_PROBE, "base64")).toString();
}
