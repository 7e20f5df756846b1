/**
 * All images as containerd keeps them, unpacked once for every node that there will be.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { ensure, isThere } from "./build.ts";
import { CACHE, IMAGES } from "./paths.ts";
import { must } from "./process.ts";

/** What containerd writes in place; all else in its folder is written once, and never again. */
const DATABASES = [
  "io.containerd.metadata.v1.bolt/meta.db",
  "io.containerd.snapshotter.v1.overlayfs/metadata.db",
];

/**
 * A containerd of its own takes the images in. Its mounts and processes end with the namespaces
 * that they live in.
 */
const TAKE_IN = `
set -eu
work=$1; shift
mount -t tmpfs tmpfs /run
cat > /run/containerd.toml <<END
version = 2
root = "$work"
state = "/run/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "/run/containerd.sock"
END
containerd --config /run/containerd.toml >/run/log 2>&1 &
tries=0
until ctr -a /run/containerd.sock version >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ $tries -lt 100 ] || { cat /run/log >&2; exit 1; }
  sleep 0.1
done
for archive; do ctr -a /run/containerd.sock -n k8s.io images import "$archive"; done
kill $!
wait $! || true`;

/** Takes the archives in, unless that was done; answers the folder. */
export async function fillStore(archives: readonly string[]): Promise<string> {
  const hash = createHash("sha256").update(await must(["containerd", "--version"]));
  for (const archive of archives) hash.update(archive);
  const store = join(CACHE, "stores", hash.digest("hex").slice(0, 16));
  if (await isThere(store)) return store;
  const work = await Deno.makeTempDir({ dir: CACHE, prefix: "store-" });
  await must([
    ...["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"] as const,
    ...["--propagation", "private", "sh", "-c", TAKE_IN, "sh", work, ...archives],
  ]);
  await ensure(dirname(store));
  await Deno.rename(work, store);
  return store;
}

/** Fills the folder of a node's containerd with all images of this run. */
export async function linkStore(folder: string): Promise<void> {
  const store = await Deno.realPath(IMAGES);
  await must(["cp", "--archive", "--link", `${store}/.`, folder]);
  for (const database of DATABASES) {
    await must(["cp", "--remove-destination", join(store, database), join(folder, database)]);
  }
}
