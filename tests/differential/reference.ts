/**
 * The real parts, asked through the Go program beside this file.
 *
 * @module
 */
import { spawn, spawnSync } from "node:child_process";
import { Buffer } from "node:buffer";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** What to ask; `kind` names the reader (main.go). */
export interface Question {
  readonly kind: "bundle" | "id" | "trust-domain" | "certificate" | "svid" | "federation";
  readonly trustDomain?: string;
  readonly text?: string;
  readonly bytes?: Uint8Array;
  readonly chain?: readonly Uint8Array[];
  readonly roots?: readonly Uint8Array[];
  readonly at?: Date;
}

/** What one part said: `error` is empty when it accepted. */
export interface Said {
  readonly error: string;
  readonly facts?: unknown;
}

/** What was said, by the name of the part. */
export type Answer = Readonly<Record<string, Said>>;

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** Builds the Go program; answers its path, or why there is none. */
export function buildReference(): { readonly path: string; readonly missing?: undefined } | {
  readonly missing: string;
  readonly path?: undefined;
} {
  const path = `${HERE}.reference`;
  const go = [process.env["GO"] ?? "go", "/usr/local/go/bin/go"]
    .find((name) => spawnSync(name, ["version"]).status === 0);
  if (go === undefined) return { missing: "Go is not installed (https://go.dev/dl)" };
  const { status, stderr } = spawnSync(go, ["build", "-o", path, "."], { cwd: HERE });
  return status === 0 ? { path } : { missing: `go build failed:\n${stderr}` };
}

/** Asks all questions; the answers come in their order. */
export async function ask(path: string, questions: readonly Question[]): Promise<Answer[]> {
  const child = spawn(path, [], { stdio: ["pipe", "pipe", "inherit"] });
  const chunks: Uint8Array[] = [];
  child.stdout.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  for (const question of questions) {
    if (!child.stdin.write(`${JSON.stringify(question, encoded)}\n`)) {
      await new Promise<void>((resolve) => child.stdin.once("drain", () => resolve()));
    }
  }
  child.stdin.end();
  const status = await ended;
  if (status !== 0) throw new Error(`the reference ended with ${status}`);
  const answers = new TextDecoder().decode(Buffer.concat(chunks)).trimEnd().split("\n")
    .map((line) => JSON.parse(line) as Answer);
  if (answers.length !== questions.length) throw new Error("answers are missing");
  return answers;
}

function encoded(_name: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return value.toBase64();
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value)
    ? value.replace(/\.\d+Z$/, "Z")
    : value;
}
