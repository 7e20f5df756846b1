/**
 * Reading what an API server answered, hostile until read.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import type { ApiAnswer } from "./api_client.ts";
import type { Written } from "./cluster.ts";

/** Where an answer came from, for messages. */
export interface AnswerPlace {
  /** How the message begins. */
  readonly head: string;
  readonly url: string;
}

/**
 * The JSON of a successful answer.
 *
 * @throws {SpirefedError} `preflight`, `server/not-json`: a login page, say.
 */
export function parseJson(
  { status, contentType, body }: Pick<ApiAnswer, "status" | "contentType" | "body">,
  { head, url }: AnswerPlace,
): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    const what = printable(contentType.split(";")[0] || "something else", 100);
    throw new SpirefedError("preflight", `${head}: ${status}, but with ${what} instead of JSON`, {
      code: "server/not-json",
      remedy: `See what answers at ${printable(url)}: a proxy or a login page, not an API server`,
    });
  }
}

/** A value as an object; an empty one when it is none. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Record<string, unknown>
    : {};
}

/** What a write's answer tells: the object as it is now. */
export function written(answer: ApiAnswer, place: AnswerPlace): Written {
  const { uid, resourceVersion } = objectOf(objectOf(parseJson(answer, place))["metadata"]);
  return {
    uid: typeof uid === "string" ? uid : "",
    resourceVersion: typeof resourceVersion === "string" ? resourceVersion : "",
    created: answer.status === 201,
    warnings: answer.warnings,
  };
}
