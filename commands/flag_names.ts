/**
 * How a flag is spelled: on the command line, and in the environment.
 *
 * @module
 */
import type { Flag } from "./command.ts";

/** `requestTimeout` → `--request-timeout`. */
export function longName(key: string): string {
  return `--${words(key, "-")}`;
}

/** `requestTimeout` → `SPIREFED_REQUEST_TIMEOUT`; nothing for flags that give consent. */
export function environmentName(key: string, flag: Flag): string | undefined {
  return flag.consent ? undefined : `SPIREFED_${words(key, "_").toUpperCase()}`;
}

function words(key: string, joint: string): string {
  return key.replace(/[A-Z]/g, (letter) => `${joint}${letter.toLowerCase()}`);
}
