/**
 * Container images without a container engine: one layer each, as an archive that
 * containerd imports.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { ensure, isThere } from "./build.ts";
import { CACHE, PROGRAMS } from "./paths.ts";
import { must } from "./process.ts";

const BUSYBOX = "/bin/busybox";
const APPLETS = [
  ...["sh", "ls", "cat", "sed", "sleep", "mkdir"],
  ...["wget", "nc", "env", "ps", "grep", "id", "nslookup"],
];

interface Image {
  readonly name: string;
  readonly entrypoint: readonly string[];
  /** Programs of ours, put at the root. */
  readonly programs: readonly string[];
  /** Whether a person gets a shell in it. */
  readonly shell: boolean;
  /** A program of this machine, put where it is here with its libraries. */
  readonly fromHost?: string;
  /** Whom it runs as. */
  readonly user?: string;
}

/** The server's image has no shell and no tar, and its program at `/spire-server`, like Red Hat's. */
const ALL: readonly Image[] = [
  plain("pause"),
  plain("coredns"),
  plain("spire-server"),
  plain("spire-controller-manager"),
  plain("csi-stand-in"),
  { ...plain("spire-agent"), shell: true },
  { ...plain("caller"), programs: ["caller", "spire-agent"], shell: true },
  // Stands for a stock Node.js image, which runs as a user without rights too.
  {
    name: "node",
    entrypoint: ["/usr/bin/node"],
    programs: [],
    shell: false,
    fromHost: "node",
    user: "1001",
  },
];

function plain(name: string): Image {
  return { name, entrypoint: [`/${name}`], programs: [name], shell: false };
}

/** The reference by which a manifest names an image. */
export function imageReference(name: string): string {
  return `localhost/spirefed/${name}:1`;
}

/** Packs what is not packed yet; answers all archives. An archive's name carries the hash of its inputs. */
export async function packAll(): Promise<readonly string[]> {
  const archives = [];
  for (const image of ALL) archives.push(await packed(image));
  return archives;
}

async function packed(image: Image): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(image));
  // A program's real path carries the hash of its inputs.
  for (const name of image.programs) hash.update(await Deno.realPath(join(PROGRAMS, name)));
  if (image.shell) hash.update(await Deno.readFile(BUSYBOX)).update(APPLETS.join());
  if (image.fromHost !== undefined) hash.update(await must([image.fromHost, "--version"]));
  const archive = join(CACHE, "images", `${image.name}-${hash.digest("hex").slice(0, 16)}.tar`);
  if (await isThere(archive)) return archive;
  const work = await Deno.makeTempDir({ dir: await ensure(CACHE), prefix: "image-" });
  await pack(image, work);
  await ensure(dirname(archive));
  await Deno.rename(join(work, "image.tar"), archive);
  await Deno.remove(work, { recursive: true });
  return archive;
}

async function pack(
  { name, entrypoint, programs, shell, fromHost, user }: Image,
  work: string,
): Promise<void> {
  await fillRoot(join(work, "root"), programs, shell);
  if (fromHost !== undefined) await copyFromHost(fromHost, join(work, "root"));
  const layer = join(work, "layer.tar");
  await tar(["--sort=name", "--mtime=@0", "-C", join(work, "root"), "-cf", layer, "."]);
  const digest = createHash("sha256").update(await Deno.readFile(layer)).digest("hex");
  const config = {
    architecture: "amd64",
    os: "linux",
    config: {
      Entrypoint: entrypoint,
      Env: ["PATH=/bin:/usr/bin:/"],
      ...(user === undefined ? {} : { User: user }),
    },
    rootfs: { type: "layers", diff_ids: [`sha256:${digest}`] },
  };
  const manifest = [{
    Config: "config.json",
    RepoTags: [imageReference(name)],
    Layers: ["layer.tar"],
  }];
  await Deno.writeTextFile(join(work, "config.json"), JSON.stringify(config));
  await Deno.writeTextFile(join(work, "manifest.json"), JSON.stringify(manifest));
  const files = ["manifest.json", "config.json", "layer.tar"];
  await tar(["-C", work, "-cf", join(work, "image.tar"), ...files]);
}

async function fillRoot(root: string, programs: readonly string[], shell: boolean): Promise<void> {
  for (const folder of ["bin", "dev", "etc", "proc", "run", "sys", "tmp"]) {
    await ensure(join(root, folder));
  }
  await Deno.chmod(join(root, "tmp"), 0o1777);
  await Deno.writeTextFile(join(root, "etc/passwd"), "root:x:0:0:root:/:/bin/sh\n");
  await Deno.writeTextFile(join(root, "etc/nsswitch.conf"), "hosts: files dns\n");
  for (const name of programs) await Deno.copyFile(join(PROGRAMS, name), join(root, name));
  if (!shell) return;
  await Deno.copyFile(BUSYBOX, join(root, "bin/busybox"));
  for (const applet of APPLETS) await Deno.symlink("busybox", join(root, "bin", applet));
}

/** A program, and the libraries that its loader would find here. */
async function copyFromHost(name: string, root: string): Promise<void> {
  const path = await Deno.realPath((await must(["which", name])).trim());
  const libraries = await must(["ldd", path]);
  const wanted = [...libraries.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, file = ""]) => file);
  await ensure(join(root, "usr/bin"));
  await Deno.copyFile(path, join(root, "usr/bin", name));
  for (const file of wanted) {
    await ensure(join(root, dirname(file)));
    await Deno.copyFile(await Deno.realPath(file), join(root, file));
  }
}

async function tar(words: readonly string[]): Promise<void> {
  await must(["tar", "--numeric-owner", "--owner=0", "--group=0", ...words]);
}
