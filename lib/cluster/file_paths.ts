/**
 * Paths of files, without `node:path`: completion of context names comes through
 * here, and a `node:` import would double its time.
 *
 * @module
 */

/**
 * Joins a path to a folder as Go's `filepath.Join` does; an absolute path stays.
 *
 * @example
 * ```ts
 * import { joinPath } from "./file_paths.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(joinPath("/home/me/.kube/", "../token"), "/home/me/token");
 * assert.equal(joinPath("/home/me", "/etc//token"), "/etc/token");
 * ```
 */
export function joinPath(folder: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${folder}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** The folder a file lies in, without a slash at its end but for the root's. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** Whether a path, with all links in it resolved, lies below a folder. */
export function isBelow(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}
