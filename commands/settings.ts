/**
 * From flags and a values file to what is wanted of each cluster.
 *
 * @module
 */
import type { Context } from "../lib/context.ts";
import { SpirefedError } from "../lib/errors.ts";
import {
  type InstallSettings,
  type InstallValues,
  readValues,
  settingsFor,
} from "../lib/install/settings.ts";
import { readManifests } from "../manifests/yaml_reading.ts";
import type { FlagValue } from "./command.ts";
import type { SETTINGS_FLAGS } from "./settings_flags.ts";

type Flags = {
  readonly [Name in keyof typeof SETTINGS_FLAGS]: FlagValue<(typeof SETTINGS_FLAGS)[Name]>;
};

/**
 * Reads the settings; the answer tells those of one cluster.
 *
 * @throws {SpirefedError} `usage`, for a file or a flag that makes no sense.
 */
export async function readSettings(
  names: readonly string[],
  flags: Flags,
  context: Pick<Context, "readFile">,
): Promise<(cluster: string) => InstallSettings> {
  const values = flags.filename === undefined ? {} : await readFile(flags.filename, context);
  requireKnown(values, names);
  const said = fromFlags(flags);
  requireOne(names, said, flags);
  return (cluster) => settingsFor(cluster, values, said);
}

async function readFile(
  path: string,
  context: Pick<Context, "readFile">,
): Promise<InstallValues> {
  const source = path === "-" ? "standard input" : path;
  const [first, ...more] = readManifests(await context.readFile(path), source);
  if (more.length > 0) throw new SpirefedError("usage", `${source} holds more than one document`);
  return readValues(first?.object ?? {}, source);
}

/** A misspelt context would silently get the common values. */
function requireKnown({ clusters = {} }: InstallValues, names: readonly string[]): void {
  const stranger = Object.keys(clusters).find((name) => !names.includes(name));
  if (stranger === undefined || names.length === 0) return;
  throw new SpirefedError("usage", `The values file speaks of ${stranger}, which is not named`, {
    code: "values/stranger",
    remedy: `name it, too, or take clusters.${stranger} out of the file`,
  });
}

function fromFlags(flags: Flags): InstallSettings {
  const { size, accessMode, storageClass } = flags;
  if (flags.refreshHint !== undefined && (flags.refreshHint < 60 || flags.refreshHint > 3600)) {
    throw new SpirefedError(
      "usage",
      `--refresh-hint ${flags.refreshHint} is not between 60 and 3600`,
    );
  }
  return {
    channel: flags.channel,
    source: flags.source,
    startingCSV: flags.startingCsv,
    approval: flags.approval,
    trustDomain: flags.trustDomain,
    clusterName: flags.clusterName,
    jwtIssuer: flags.jwtIssuer,
    caSubject: flags.caSubject === undefined ? undefined : readSubject(flags.caSubject),
    persistence: size ?? accessMode ?? storageClass
      ? { size, accessMode, storageClass }
      : undefined,
    refreshHint: flags.refreshHint,
  };
}

const SUBJECT_PARTS: Readonly<Record<string, "country" | "organization" | "commonName">> = {
  C: "country",
  O: "organization",
  CN: "commonName",
};

/** `C=DE,O=Example,CN=ca.example`; a value goes up to the next part. */
function readSubject(text: string): InstallSettings["caSubject"] {
  const parts = text.split(/,(?=\s*(?:C|O|CN)=)/).map((part) => part.trim());
  return Object.fromEntries(parts.map((part) => {
    const at = part.indexOf("=");
    const name = SUBJECT_PARTS[part.slice(0, at)];
    const value = part.slice(at + 1);
    if (name === undefined || value === "") {
      throw new SpirefedError("usage", `--ca-subject takes C=..,O=..,CN=.., not "${text}"`);
    }
    return [name, value];
  }));
}

/** What must differ between clusters cannot be said once for all. */
function requireOne(names: readonly string[], said: InstallSettings, flags: Flags): void {
  if (names.length < 2) return;
  const one = (["trustDomain", "clusterName", "jwtIssuer"] as const).find((name) =>
    said[name] !== undefined
  );
  if (one === undefined) return;
  const flag = one.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new SpirefedError(
    "usage",
    `--${flag} ${flags[one]} cannot be said of ${names.length} clusters at once`,
    {
      remedy: `a values file with clusters.${names[0]}.${one}, and so on, given by -f`,
    },
  );
}
