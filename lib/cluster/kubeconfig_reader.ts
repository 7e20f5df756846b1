/**
 * Reads members out of a parsed kubeconfig, and says where one is not as it
 * should be, without ever repeating its value: it may be a secret.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";

/** A mapping in a kubeconfig, and the place it stands at. */
export class Reader {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #file: string;
  readonly #place: string;

  constructor(value: unknown, { file, place }: { file: string; place: string }) {
    this.#file = file;
    this.#place = place;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.fail("", "must be a mapping");
    }
    this.#value = value as Readonly<Record<string, unknown>>;
  }

  /** A member as it is; `undefined` for absent and for null. */
  raw(name: string): unknown {
    return Object.hasOwn(this.#value, name) ? this.#value[name] ?? undefined : undefined;
  }

  /** A string member; an empty one counts as absent, as in client-go. */
  text(name: string): string | undefined {
    const value = this.raw(name);
    if (value === undefined || value === "") return undefined;
    if (typeof value !== "string") return this.fail(name, "must be a string: put it in quotes");
    return value;
  }

  /** A boolean member, also spelled as YAML 1.1 has it; absent is false. */
  flag(name: string): boolean {
    const value = this.raw(name);
    if (value === undefined || value === false) return false;
    if (value === true) return true;
    const word = typeof value === "string" ? value.toLowerCase() : "";
    if (["yes", "on", "y"].includes(word)) return true;
    if (["no", "off", "n"].includes(word)) return false;
    return this.fail(name, "must be true or false");
  }

  /** A list of strings; absent is empty. */
  texts(name: string): readonly string[] {
    return this.#array(name).map((value, at) =>
      typeof value === "string" ? value : this.fail(`${name}[${at}]`, "must be a string")
    );
  }

  /** A list of mappings; absent is empty. */
  list(name: string): readonly Reader[] {
    return this.#array(name).map((value, at) => this.#below(value, `${name}[${at}]`));
  }

  /** A mapping; absent is empty. */
  member(name: string): Reader {
    return this.#below(this.raw(name) ?? {}, name);
  }

  /** The names of all members. */
  names(): readonly string[] {
    return Object.keys(this.#value);
  }

  /** @throws {SpirefedError} `usage`, always. */
  fail(name: string, problem: string): never {
    const place = [this.#place, name].filter(Boolean).join(".") || "the document";
    throw new SpirefedError(
      "usage",
      `Kubeconfig ${printable(this.#file)}: ${printable(place)} ${problem}`,
      { remedy: `Mend ${printable(this.#file)}, or name another file with --kubeconfig` },
    );
  }

  #array(name: string): readonly unknown[] {
    const value = this.raw(name) ?? [];
    return Array.isArray(value) ? value : this.fail(name, "must be a list");
  }

  #below(value: unknown, name: string): Reader {
    const place = this.#place === "" ? name : `${this.#place}.${name}`;
    return new Reader(value, { file: this.#file, place });
  }
}
