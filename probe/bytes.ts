/**
 * Methods of Uint8Array that Node.js has had only since version 25, for the code that
 * the probe shares with the plugin.
 *
 * @module
 */
import { Buffer } from "node:buffer";

type Base64Options = { readonly alphabet?: "base64" | "base64url"; readonly omitPadding?: boolean };

const METHODS = {
  toHex(this: Uint8Array): string {
    return Buffer.from(this).toString("hex");
  },
  toBase64(this: Uint8Array, { alphabet = "base64", omitPadding }: Base64Options = {}): string {
    const text = Buffer.from(this).toString(alphabet);
    const bare = text.replace(/=+$/, "");
    if (omitPadding === true) return bare;
    return bare.padEnd(Math.ceil(bare.length / 4) * 4, "=");
  },
};

const FUNCTIONS = {
  /** Strict, as it is always called here: one text for each value. */
  fromBase64(text: string, { alphabet = "base64" }: Base64Options = {}): Uint8Array {
    const bytes = Buffer.from(text, alphabet);
    if (bytes.toString(alphabet) === text.replace(alphabet === "base64" ? "" : /=+$/, "")) {
      return new Uint8Array(bytes);
    }
    throw new SyntaxError("not base64");
  },
};

/** Gives Uint8Array what it lacks; what Node.js has of its own stays. */
function complete(target: object, methods: object): void {
  for (const [name, value] of Object.entries(methods)) {
    if (name in target) continue;
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  }
}

complete(Uint8Array.prototype, METHODS);
complete(Uint8Array, FUNCTIONS);
