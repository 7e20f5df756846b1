/**
 * A strict reader of JSON text (RFC 8259) for documents that decide about trust.
 *
 * `JSON.parse` cannot be used: it takes the last of several members of one name
 * without a word, and rounds large integers. Go, which reads the same documents
 * in the field, matches member names without regard to case. So a document that
 * two readers could understand differently is refused here: duplicate members,
 * members that differ only in case, lone surrogates, a byte-order mark, data
 * after the document.
 *
 * @module
 */
import { quote } from "./quote.ts";

/** A JSON value. Numbers keep their text, so that none is rounded. */
export type JsonValue =
  | { readonly kind: "object"; readonly members: ReadonlyMap<string, JsonValue> }
  | { readonly kind: "array"; readonly items: readonly JsonValue[] }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "null" };

/** Why a text is not acceptable JSON, and where: `path` is a JSON Pointer. */
export interface JsonFault {
  readonly code: string;
  readonly message: string;
  readonly path: string;
}

/** Either the document or the first fault in it. */
export type JsonReading =
  | { readonly value: JsonValue; readonly fault?: undefined }
  | { readonly fault: JsonFault; readonly value?: undefined };

/** The deepest nesting that is read. */
export const MAX_DEPTH = 512;

/** Reads one JSON document in time linear in its length. Never throws. */
export function readJson(bytes: Uint8Array): JsonReading {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { fault: { code: "json/utf-8", message: "The document is not UTF-8", path: "" } };
  }
  if (text.startsWith("\ufeff")) {
    const message = "The document starts with a byte-order mark, which go-spiffe refuses";
    return { fault: { code: "json/byte-order-mark", message, path: "" } };
  }
  const reader = new JsonReader(text);
  try {
    return { value: reader.read() };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { fault: { code: error.code, message: error.message, path: reader.pointer() } };
  }
}

/** One token of a JSON Pointer (RFC 6901), escaped, with its slash. */
export function pointerToken(name: string | number): string {
  return `/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/**
 * The form in which Go's encoding/json compares member names: without case, and
 * with the two letters outside ASCII that fold into it (`ſ` and the Kelvin sign).
 */
export function foldName(name: string): string {
  if (/^[\0-\x7f]*$/.test(name)) return name.toLowerCase();
  const upper = name.toLowerCase().toUpperCase();
  if (upper.length === name.length) return upper.toLowerCase();
  return Array.from(name, foldCharacter).join("");
}

/** What becomes longer in upper case, such as ß, has no other case to Go. */
function foldCharacter(character: string): string {
  const upper = character.toLowerCase().toUpperCase();
  return upper.length === character.length ? upper.toLowerCase() : character;
}

class Fault extends Error {
  constructor(readonly code: string, message: string) {
    super(message);
  }
}

/** A container that is still open. */
type Open =
  | { readonly kind: "array"; items: JsonValue[] }
  | {
    readonly kind: "object";
    readonly members: Map<string, JsonValue>;
    /** Made for the second member: most hostile nesting has none. */
    folded: Set<string> | undefined;
    name: string | undefined;
  };

const NOTHING: JsonValue[] = [];

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// deno-lint-ignore no-control-regex -- these are what RFC 8259, section 7, forbids
const PLAIN = /[^"\\\0-\x1f]*/y;
const LITERALS = {
  t: ["true", { kind: "boolean", value: true }],
  f: ["false", { kind: "boolean", value: false }],
  n: ["null", { kind: "null" }],
} as const satisfies Record<string, readonly [string, JsonValue]>;
const ESCAPES = new Map([
  ...['"', "\\", "/"].map((character) => [character, character] as const),
  ...[["b", "\b"], ["f", "\f"], ["n", "\n"], ["r", "\r"], ["t", "\t"]] as const,
]);

class JsonReader {
  readonly #text: string;
  readonly #open: Open[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Where the reader stands, as a JSON Pointer. */
  pointer(): string {
    return this.#open.map((open) => {
      if (open.kind === "array") return pointerToken(open.items.length);
      return open.name === undefined ? "" : pointerToken(open.name);
    }).join("");
  }

  /** Containers are kept on a stack of our own: nesting cannot overflow the machine's. */
  read(): JsonValue {
    for (;;) {
      let value = this.#value();
      while (value !== undefined) {
        const open = this.#open.at(-1);
        if (open === undefined) return this.#end(value);
        put(open, value);
        value = this.#afterItem(open);
      }
    }
  }

  /** Reads a scalar or an empty container; answers nothing when a container was opened. */
  #value(): JsonValue | undefined {
    const character = this.#peek();
    if (character === "{" || character === "[") return this.#start(character);
    if (character === '"') return { kind: "string", value: this.#string() };
    if (character === "t" || character === "f" || character === "n") {
      const [word, value] = LITERALS[character];
      if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected();
      this.#at += word.length;
      return value;
    }
    const text = this.#match(NUMBER);
    if (text === "") throw this.#unexpected();
    return { kind: "number", text };
  }

  #start(character: "{" | "["): JsonValue | undefined {
    this.#at++;
    if (this.#open.length >= MAX_DEPTH) {
      throw new Fault("json/depth", `The document is nested deeper than ${MAX_DEPTH} levels`);
    }
    const open: Open = character === "["
      ? { kind: "array", items: NOTHING }
      : { kind: "object", members: new Map(), folded: undefined, name: undefined };
    this.#open.push(open);
    if (this.#peek() === (character === "[" ? "]" : "}")) return this.#close();
    if (open.kind === "object") this.#name(open);
    return undefined;
  }

  /** After an item: a comma, or the end of the container, which is then a value itself. */
  #afterItem(open: Open): JsonValue | undefined {
    const character = this.#peek();
    if (character === (open.kind === "array" ? "]" : "}")) return this.#close();
    if (character !== ",") throw this.#unexpected();
    this.#at++;
    if (open.kind === "object") this.#name(open);
    return undefined;
  }

  #close(): JsonValue {
    this.#at++;
    const open = this.#open.pop();
    if (open === undefined) throw this.#unexpected();
    return open.kind === "array" ? open : { kind: "object", members: open.members };
  }

  #name(open: Open & { readonly kind: "object" }): void {
    open.name = undefined;
    if (this.#peek() !== '"') throw this.#unexpected();
    const name = this.#string();
    open.name = name;
    if (open.members.has(name)) {
      throw new Fault("json/duplicate-member", `The member ${quote(name)} is given twice`);
    }
    if (isCaseVariant(open, name)) {
      const message = `The member ${quote(name)} differs from another only in case`;
      throw new Fault("json/case-variant", message);
    }
    if (this.#peek() !== ":") throw this.#unexpected();
    this.#at++;
  }

  #string(): string {
    const start = ++this.#at;
    this.#match(PLAIN);
    if (this.#text[this.#at] === '"') return this.#text.slice(start, this.#at++);
    const parts = [this.#text.slice(start, this.#at)];
    while (this.#text[this.#at] !== '"') {
      if (this.#text[this.#at] !== "\\") throw this.#unexpected();
      parts.push(this.#escape(), this.#match(PLAIN));
    }
    this.#at++;
    const value = parts.join("");
    if (value.isWellFormed()) return value;
    throw new Fault("json/surrogate", "A string holds half a surrogate pair, which has no UTF-8");
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? "";
    if (letter === "u") {
      const digits = this.#text.slice(this.#at + 2, this.#at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.#unexpected();
      this.#at += 6;
      return String.fromCharCode(parseInt(digits, 16));
    }
    const character = ESCAPES.get(letter);
    if (character === undefined) throw this.#unexpected();
    this.#at += 2;
    return character;
  }

  #end(value: JsonValue): JsonValue {
    if (this.#peek() === "") return value;
    throw new Fault("json/trailing-data", `There is more after the document ${this.#place()}`);
  }

  /** The next character that is not white space; empty at the end. */
  #peek(): string {
    let character = this.#text[this.#at];
    while (character === " " || character === "\n" || character === "\r" || character === "\t") {
      character = this.#text[++this.#at];
    }
    return character ?? "";
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return "";
    return this.#text.slice(this.#at, this.#at = pattern.lastIndex);
  }

  #unexpected(): Fault {
    if (this.#text === "") return new Fault("json/syntax", "The document is empty");
    const character = this.#text.slice(this.#at).slice(0, 1);
    const what = character === ""
      ? "The document ends too early"
      : `Unexpected ${quote(character)}`;
    return new Fault("json/syntax", `${what} ${this.#place()}`);
  }

  #place(): string {
    const before = this.#text.slice(0, this.#at).split("\n");
    return `(line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`;
  }
}

function isCaseVariant(open: Open & { readonly kind: "object" }, name: string): boolean {
  if (open.members.size === 0) return false;
  open.folded ??= new Set([...open.members.keys()].map(foldName));
  const size = open.folded.size;
  return open.folded.add(foldName(name)).size === size;
}

function put(open: Open, value: JsonValue): void {
  // An array made with its first item takes no more room than it needs.
  if (open.kind === "array" && open.items.length === 0) open.items = [value];
  else if (open.kind === "array") open.items.push(value);
  else if (open.name !== undefined) open.members.set(open.name, value);
}
