/**
 * The manifest by which krew, kubectl's plugin manager, installs a release.
 *
 * @module
 */
import { dump } from "js-yaml";
import { CATALOGUE } from "../../commands/catalogue.ts";

/** An archive of a release. */
export interface ReleaseArchive {
  readonly file: string;
  readonly sha256: string;
  /** For one kind of machine, as `deno --version` and Go name it; else for each with a Deno. */
  readonly platform?: { readonly os: string; readonly arch: string };
}

const DESCRIPTION = `Takes two or more OpenShift clusters from nothing to proven mutual trust
between their SPIRE trust domains, keeps that trust healthy, explains what is
broken, and takes it away again.
`;

/**
 * The manifest. krew takes the first platform that fits, so archives that carry
 * their runtime go before the one that needs a Deno.
 *
 * @param base where the archives are fetched from.
 */
export function krewManifest(
  version: string,
  archives: readonly ReleaseArchive[],
  base: string,
): string {
  const root = base.replace(/\/+$/, "");
  const ordered = archives.toSorted((a, b) => Number(!a.platform) - Number(!b.platform));
  return dump({
    apiVersion: "krew.googlecontainertools.github.com/v1alpha2",
    kind: "Plugin",
    metadata: { name: "spirefed" },
    spec: {
      version: `v${version}`,
      homepage: root,
      shortDescription: "Federate SPIRE trust domains across OpenShift clusters",
      description: DESCRIPTION + commands(),
      caveats: `Where krew has no archive with a runtime for this machine, the plugin needs
Deno 2.9 or newer on PATH. krew cannot install the names for oc and for
completion: install.sh of a release does.
`,
      platforms: ordered.map(({ file, sha256, platform }) => ({
        selector: selector(platform),
        uri: `${root}/${file}`,
        sha256,
        files: [{ from: "oc-spirefed", to: "." }, { from: "LICENSE", to: "." }],
        bin: "oc-spirefed",
      })),
    },
  }, { lineWidth: -1 });
}

function selector(platform: ReleaseArchive["platform"]): unknown {
  if (platform !== undefined) return { matchLabels: { ...platform } };
  return { matchExpressions: [{ key: "os", operator: "In", values: ["linux", "darwin"] }] };
}

function commands(): string {
  const names = CATALOGUE.map(({ spec: { path } }) => path.join(" "));
  return `\nCommands: ${names.join(", ")}.\n`;
}
