/**
 * Flags that a command cannot do without.
 *
 * @module
 */
import { SpirefedError } from "../lib/errors.ts";

/**
 * The value of a flag that has to be given.
 *
 * @param example the flag as a user types it: `--trust-domain apps.east.example`.
 * @throws {SpirefedError} `usage`, with the example for a remedy.
 */
export function requiredFlag<Value>(value: Value | undefined, example: string): Value {
  if (value !== undefined) return value;
  const [name] = example.split(" ");
  throw new SpirefedError("usage", `${name} is missing`, { remedy: `add ${example}` });
}

/** Refuses flags that mean nothing together with another one. */
export function refuseTogether(
  flag: string,
  others: Readonly<Record<string, unknown>>,
): void {
  const [given] = Object.entries(others).find(([, value]) => value !== undefined) ?? [];
  if (given === undefined) return;
  throw new SpirefedError("usage", `${given} cannot be given together with ${flag}`, {
    remedy: `leave out ${given} or ${flag}`,
  });
}
