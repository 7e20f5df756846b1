/**
 * The program under test, run as a user runs it: a process, with a kubeconfig.
 *
 * @module
 */
import { type Finished, run } from "./process.ts";

const SOURCE = new URL("../../mod.ts", import.meta.url).pathname;

/** `SPIREFED_E2E_PROGRAM` names an installed program to be tested in place of the source. */
const PROGRAM = Deno.env.get("SPIREFED_E2E_PROGRAM")?.split(" ") ??
  [Deno.execPath(), "run", "--no-prompt", "--allow-all", SOURCE];

/** Runs a command line. */
export async function spirefed(
  words: readonly string[],
  { stdin, kubeconfig, interruptAfterSeconds }: {
    readonly stdin?: string;
    readonly kubeconfig?: string;
    /** When somebody presses Ctrl-C. */
    readonly interruptAfterSeconds?: number;
  } = {},
): Promise<Finished> {
  const press = interruptAfterSeconds === undefined
    ? []
    // Without --foreground it tells the program, and then its group: that is a second Ctrl-C.
    : ["timeout", "--foreground", "--preserve-status", "--signal=INT", `${interruptAfterSeconds}`];
  return await run([...press, ...PROGRAM, ...words] as unknown as [string, ...string[]], {
    ...(stdin === undefined ? {} : { stdin }),
    env: { NO_COLOR: "1", ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }) },
  });
}

/** Runs a command line that somebody may end before it has ended by itself. */
export function begin(
  words: readonly string[],
  kubeconfig?: string,
  output: "null" | "piped" = "null",
): Deno.ChildProcess {
  const [program, ...args] = [...PROGRAM, ...words] as [string, ...string[]];
  const env = { NO_COLOR: "1", ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }) };
  return new Deno.Command(program, { args, env, stdin: "null", stdout: output, stderr: output })
    .spawn();
}

/** What became of a command line whose output is piped. */
export async function resultOf(
  child: Deno.ChildProcess,
): Promise<Finished & { readonly signal: Deno.Signal | null }> {
  const { code, signal, stdout, stderr } = await child.output();
  const text = new TextDecoder();
  return { code, signal, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** Runs a command line and ends it with SIGKILL when it is time; answers whether it was. */
export async function spirefedKilledWhen(
  words: readonly string[],
  isTime: () => Promise<boolean>,
): Promise<boolean> {
  const child = begin(words);
  let isOver = false;
  const status = child.status.finally(() => isOver = true);
  while (!isOver) {
    if (await isTime()) {
      if (!isOver) child.kill("SIGKILL");
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return (await status).signal === "SIGKILL";
}
