/**
 * Who may go first: harnesses on one machine wait for each other where they would collide.
 *
 * @module
 */
import { join } from "node:path";
import { ensure } from "./build.ts";
import { CACHE } from "./paths.ts";
import { say } from "./process.ts";

/** A turn that was given; disposing of it, or the end of this program, passes it on. */
export type Turn = Disposable;

/** Waits until nobody else holds the turn of this name. */
export async function waitForTurn(name: string): Promise<Turn> {
  const file = await open(name);
  if (!await file.tryLock(true)) {
    say(`another harness is at work on this machine (${name}); waiting for it`);
    await file.lock(true);
  }
  return turnOf(file);
}

/** Takes the turn if nobody holds it. */
export async function takeFreeTurn(name: string): Promise<Turn | undefined> {
  const file = await open(name);
  if (await file.tryLock(true)) return turnOf(file);
  file.close();
  return undefined;
}

async function open(name: string): Promise<Deno.FsFile> {
  const path = join(await ensure(CACHE), `${name}.lock`);
  return await Deno.open(path, { create: true, write: true });
}

function turnOf(file: Deno.FsFile): Turn {
  return { [Symbol.dispose]: () => file.close() };
}
