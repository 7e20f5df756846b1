/**
 * What is in the program, as an SPDX 2.3 document.
 *
 * @module
 */
import type { BundledPackage } from "./closure.ts";

/** What the document is about. */
export interface Described {
  readonly version: string;
  /** Seconds since 1970; of the commit, so that the document is the same each time. */
  readonly time: number;
  /** SHA-256 of the program that is described. */
  readonly sha256: string;
  /** Version of the runtime that the archives with a runtime carry. */
  readonly deno: string;
}

/** The document, as JSON. Pure. */
export function sbom(
  { version, time, sha256, deno }: Described,
  packages: readonly BundledPackage[],
): string {
  const program = {
    name: "oc-spirefed",
    SPDXID: "SPDXRef-oc-spirefed",
    versionInfo: version,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    checksums: [{ algorithm: "SHA256", checksumValue: sha256 }],
    licenseConcluded: "Apache-2.0",
    licenseDeclared: "Apache-2.0",
    copyrightText: "NOASSERTION",
    primaryPackagePurpose: "APPLICATION",
  };
  const parts = [
    ...packages.map((one) =>
      part(one.name, one.version, { license: one.license, sha512: one.sha512 })
    ),
    part("deno", deno, { license: "MIT" }),
  ];
  const relationships = [
    ["SPDXRef-DOCUMENT", "DESCRIBES", program.SPDXID],
    ...parts.map(({ SPDXID, name }) => [
      program.SPDXID,
      name === "deno" ? "DEPENDS_ON" : "CONTAINS",
      SPDXID,
    ]),
  ];
  return `${
    JSON.stringify(
      {
        spdxVersion: "SPDX-2.3",
        dataLicense: "CC0-1.0",
        SPDXID: "SPDXRef-DOCUMENT",
        name: `oc-spirefed-${version}`,
        documentNamespace: `https://spdx.org/spdxdocs/oc-spirefed-${version}-${sha256}`,
        creationInfo: {
          created: new Date(time * 1000).toISOString().replace(".000Z", "Z"),
          creators: [`Tool: oc-spirefed-release-${version}`],
        },
        packages: [program, ...parts],
        relationships: relationships.map(([from, type, to]) => ({
          spdxElementId: from,
          relationshipType: type,
          relatedSpdxElement: to,
        })),
      },
      null,
      2,
    )
  }\n`;
}

function part(
  name: string,
  version: string,
  { license, sha512 }: { readonly license: string; readonly sha512?: string },
): { readonly SPDXID: string; readonly name: string } {
  const fields = {
    name,
    SPDXID: `SPDXRef-npm-${`${name}-${version}`.replace(/[^A-Za-z0-9.-]+/g, "-")}`,
    versionInfo: version,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    ...sha512 === undefined ? {} : { checksums: [{ algorithm: "SHA512", checksumValue: sha512 }] },
    licenseConcluded: license,
    licenseDeclared: license,
    copyrightText: "NOASSERTION",
    externalRefs: [{
      referenceCategory: "PACKAGE-MANAGER",
      referenceType: "purl",
      referenceLocator: `pkg:npm/${name.replace("@", "%40")}@${version}`,
    }],
  };
  return fields;
}
