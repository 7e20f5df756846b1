/**
 * The certificates that a pod keeps in a file, such as one that spiffe-helper writes. A filter
 * runs in the pod: whatever else the file holds, a private key above all, does not leave it.
 *
 * @module
 */
import type { Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import { type Pod, PODS } from "../../manifests/pod.ts";
import type { PodPlace } from "./pod_identity.ts";

/** Keys go first; then from each certificate's first line to its last, and nothing else. */
export const CERTIFICATES_ONLY = "/BEGIN .*PRIVATE KEY/,/END .*PRIVATE KEY/d;" +
  "/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/p";
/** No chain is longer. */
const MOST_CHARACTERS = 256 * 1024;

/** Which file, and where. */
export interface PodFile {
  readonly path: string;
  /** The pod's only one where none is named. */
  readonly container: string | undefined;
}

/**
 * Reads the certificates in it, PEM.
 *
 * @throws {SpirefedError} `preflight`, saying why they cannot be had.
 */
export async function podCertificates(
  cluster: Cluster,
  { namespace, name }: PodPlace,
  { path, container, signal }: PodFile & { readonly signal: AbortSignal },
): Promise<Uint8Array> {
  const pod = await cluster.get(PODS, name, { namespace });
  const chosen = container ?? onlyContainer(cluster, pod);
  const { code, stdout, stderr } = await cluster.exec(
    { namespace, pod: name, container: chosen },
    ["sed", "-n", CERTIFICATES_ONLY, path],
    { signal },
  ).catch((error) => {
    throw explained(error);
  });
  const place = `[${cluster.name}] ${namespace}/${name}, ${chosen}: ${printable(path, 500)}`;
  if (code !== 0) {
    throw new SpirefedError("preflight", `${place} cannot be read: ${oneLine(stderr)}`, {
      code: "pod/file",
      remedy:
        `oc --context ${cluster.name} -n ${namespace} exec ${name} -c ${chosen} -- ls ${path}`,
    });
  }
  if (stdout.length > MOST_CHARACTERS) {
    throw new SpirefedError("preflight", `${place} holds more than a chain`, { code: "pod/file" });
  }
  if (stdout.trim() === "") {
    throw new SpirefedError("preflight", `${place} holds no certificate in PEM`, {
      code: "pod/file",
    });
  }
  return new TextEncoder().encode(stdout);
}

function onlyContainer(cluster: Cluster, pod: Pod | undefined): string {
  const names = pod?.status.containerStatuses.map(({ name }) => name) ?? [];
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return only;
  throw new SpirefedError(
    "preflight",
    `[${cluster.name}] the pod has ${
      names.length === 0 ? "no container that was started" : `containers ${names.join(", ")}`
    }`,
    { code: "pod/container", remedy: "--container NAME says which" },
  );
}

/** Small images have nothing to read a file with. */
function explained(error: unknown): unknown {
  if (
    !(error instanceof SpirefedError) ||
    !/executable file not found|no such file or directory|failed to start exec/i.test(error.message)
  ) return error;
  return new SpirefedError("preflight", error.message, {
    cause: error.cause,
    code: "pod/no-sed",
    remedy:
      "the image has no sed to leave keys behind with; oc spirefed test-mtls … --existing shows what a pod serves",
  });
}

function oneLine(text: string): string {
  return printable(text.trim().replace(/\s*\n\s*/g, " "), 300);
}
