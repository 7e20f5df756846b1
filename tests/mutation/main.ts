/**
 * `deno task mutants [FILE…]`: breaks lib/spiffe in one place at a time, in a copy, and
 * runs its tests. A change that no test notices has survived, and is listed.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";

const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));
const FOLDER = "lib/spiffe/";

/** One place to break: what stands there, and what to write instead. */
interface Mutant {
  readonly file: string;
  readonly at: number;
  readonly from: string;
  readonly to: string;
}

process.exitCode = main(process.argv.slice(2));

function main(only: readonly string[]): number {
  const copy = mkdtempSync(`${tmpdir()}/mutants-`);
  try {
    for (const name of ["lib", "tests/fixtures", "deno.json", "deno.lock"]) {
      cpSync(REPOSITORY + name, `${copy}/${name}`, { recursive: true });
    }
    const mutants = readdirSync(REPOSITORY + FOLDER)
      .filter((file) => file.endsWith(".ts") && !/_test\.ts$|^testing_|^model|^mod/.test(file))
      .filter((file) => only.length === 0 || only.includes(file))
      .flatMap(mutantsOf);
    const survivors = mutants.filter((mutant) => survives(mutant, copy));
    process.stdout.write(`${mutants.length} mutants, ${survivors.length} survived\n`);
    return survivors.length === 0 ? 0 : 1;
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** Checks that are never made, errors that are no errors, complaints that nobody hears. */
function mutantsOf(file: string): readonly Mutant[] {
  const text = readFileSync(REPOSITORY + FOLDER + file, "utf8");
  const found = [
    ...text.matchAll(/problems\.error\((?!.*: void)/g).map(({ index, 0: from }) => ({
      ...{ at: index, from, to: "problems.warn(" },
    })),
    ...text.matchAll(/throw (?=new DerError|new Fault|this\.#|malformed\()/g).map((match) => ({
      ...{ at: match.index, from: match[0], to: "void " },
    })),
    ...text.matchAll(/\bif (\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))/g).map((match) => ({
      ...{ at: match.index, from: match[0], to: `if (false && ${match[1]})` },
    })),
    ...text.matchAll(/ (?:&&|\|\|) /g).map(({ index, 0: from }) => ({
      ...{ at: index, from, to: from === " && " ? " || " : " && " },
    })),
    ...text.matchAll(/ (?:<|>|<=|>=) (?=[a-zA-Z0-9(])/g).map(({ index, 0: from }) => ({
      ...{
        at: index,
        from,
        to: from.includes("=") ? from.replace("=", "") : `${from.trimEnd()}= `,
      },
    })),
  ];
  return found.map((mutant) => ({ file, ...mutant }));
}

function survives({ file, at, from, to }: Mutant, copy: string): boolean {
  const path = `${copy}/${FOLDER}${file}`;
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.slice(0, at) + to + text.slice(at + from.length));
  const { status } = spawnSync(
    process.execPath,
    ["test", "--no-check", "--no-prompt", "--allow-all", "--fail-fast", FOLDER],
    { cwd: copy, timeout: 60_000 },
  );
  writeFileSync(path, text);
  if (status !== 0) return false;
  const line = text.slice(0, at).split("\n").length;
  process.stdout.write(`survived: ${FOLDER}${file}:${line}: ${oneLine(from)} → ${oneLine(to)}\n`);
  return true;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
