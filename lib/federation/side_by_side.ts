/**
 * Work on many clusters at once, with an end to how many.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";

/** How many are worked on at a time, unless told otherwise. */
const WIDTH = 8;

/** What came of one item: its answer, or why there is none. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: SpirefedError };

/**
 * Runs `work` for every item, at most `width` at a time, and answers in the order of
 * the items. A failure of one is an answer and stops none of the others; a bug
 * stops all.
 */
export async function sideBySide<Item, T>(
  items: readonly Item[],
  work: (item: Item) => Promise<T>,
  width = WIDTH,
): Promise<Outcome<T>[]> {
  const outcomes: Outcome<T>[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [at, item] of queue) {
      outcomes[at] = await work(item).then(
        (value): Outcome<T> => ({ ok: true, value }),
        (error): Outcome<T> => {
          if (error instanceof SpirefedError) return { ok: false, error };
          throw error;
        },
      );
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return outcomes;
}

/**
 * As {@linkcode sideBySide}, for work that must succeed everywhere.
 *
 * @throws {SpirefedError} holding every failure; `refused` (4) before any other kind,
 * as nothing has been written and refused trust is the graver news.
 */
export async function allSideBySide<Item, T>(
  items: readonly Item[],
  work: (item: Item) => Promise<T>,
): Promise<T[]> {
  const outcomes = await sideBySide(items, work);
  throwTogether(outcomes.flatMap((outcome) => outcome.ok ? [] : [outcome.error]));
  return outcomes.flatMap((outcome) => outcome.ok ? [outcome.value] : []);
}

/** Throws what failed as one error, the same failure once; does nothing when nothing failed. */
export function throwTogether(all: readonly SpirefedError[]): void {
  const failures = [...new Map(all.map((one) => [one.message, one])).values()];
  const [first] = failures;
  if (first === undefined) return;
  if (failures.length === 1) throw first;
  const kinds = new Set(failures.map(({ kind }) => kind));
  const kind = (["interrupted", "terminated", "timeout", "refused", "usage"] as const)
    .find((kind) => kinds.has(kind)) ?? first.kind;
  throw new SpirefedError(kind, `${failures.length} failures; nothing was written`, {
    all: failures,
  });
}
