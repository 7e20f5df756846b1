/**
 * The npm package: the same program, with Deno as its dependency.
 *
 * @module
 */
import type { ArchiveFile } from "./archive.ts";
import { launcher } from "./launcher.ts";

/** What `npm` makes commands of. The helper finds the program beside itself. */
const BIN = {
  "oc-spirefed": "bin/oc-spirefed",
  "kubectl-spirefed": "bin/oc-spirefed",
  "oc_complete-spirefed": "bin/complete",
  "kubectl_complete-spirefed": "bin/complete",
};

const HELPER = `#!/bin/sh
# Completion for oc and kubectl: see "oc-spirefed completion --help".
exec "\${0%/*}/oc-spirefed" complete -- "$@"
`;

/** The files of the package, as npm packs them. */
export function npmPackage(
  program: string,
  { version, deno, others }: {
    readonly version: string;
    /** The version of Deno that it was built and tested with. */
    readonly deno: string;
    readonly others: readonly ArchiveFile[];
  },
): readonly ArchiveFile[] {
  const manifest = {
    name: "oc-spirefed",
    version,
    description: "A plugin for oc and kubectl that federates SPIRE trust domains across clusters",
    license: "Apache-2.0",
    keywords: ["kubectl-plugin", "openshift", "spiffe", "spire"],
    os: ["linux", "darwin"],
    bin: BIN,
    man: ["oc-spirefed.1"],
    files: ["bin", ...others.map(({ name }) => name)],
    dependencies: { deno },
  };
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  const files: readonly ArchiveFile[] = [
    { name: "package.json", bytes: text(`${JSON.stringify(manifest, null, 2)}\n`) },
    { name: "bin/oc-spirefed", bytes: text(launcher("npm") + program), executable: true },
    { name: "bin/complete", bytes: text(HELPER), executable: true },
    ...others,
  ];
  return files.map((file) => ({ ...file, name: `package/${file.name}` }));
}
