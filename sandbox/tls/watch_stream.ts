/**
 * A watch over HTTP: one JSON object a line.
 *
 * @module
 */
import type { ServerResponse } from "node:http";
import type { Manifest } from "../../manifests/manifest.ts";
import type { Mount } from "../mount.ts";
import { isAllowed, selects } from "../object_reading.ts";
import { forbidden, refused } from "../statuses.ts";
import { resourceName } from "../kinds.ts";
import { type ApiRequest, statusAnswer, type Target } from "./requests.ts";

/** Streams changes from where `resourceVersion` stands until the client is gone. */
export async function streamChanges(
  { mount, cluster }: { readonly mount: Mount; readonly cluster: string },
  { query }: ApiRequest,
  { kind, namespace }: Target,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const state = mount.cluster(cluster);
  if (!isAllowed(state, "watch", kind.plural)) {
    const { status, body } = statusAnswer(forbidden("watch", resourceName(kind), kind.group));
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
    return;
  }
  response.writeHead(200, { "content-type": "application/json" });
  const send = (type: string, object: unknown): void =>
    void response.write(`${JSON.stringify({ type, object })}\n`);
  let since = Number(query.get("resourceVersion") ?? 0);
  const isWanted = wantedBy(query, `${kind.plural}/${namespace ?? ""}`);
  const [oldest] = state.changes;
  if (
    since !== 0 && oldest !== undefined && since < oldest.resourceVersion - 1 &&
    state.changes.length >= 1000
  ) {
    send("ERROR", statusAnswer(refused(410, "Expired", "too old resource version")).body);
    response.end();
    return;
  }
  if (since === 0) {
    for (const [key, { manifest }] of state.objects) {
      if (isWanted(key, manifest)) send("ADDED", manifest);
    }
    since = state.resourceVersion;
  }
  while (!gone.signal.aborted) {
    const next = mount.changed(gone.signal);
    const { changes, resourceVersion } = mount.cluster(cluster);
    for (const change of changes) {
      if (change.resourceVersion > since && isWanted(change.key, change.object)) {
        send(change.type, change.object);
      }
    }
    since = resourceVersion;
    await next;
  }
}

function wantedBy(
  query: URLSearchParams,
  prefix: string,
): (key: string, object: Manifest) => boolean {
  const name = /^metadata\.name=(.+)$/.exec(query.get("fieldSelector") ?? "")?.[1];
  const selector = query.get("labelSelector") ?? "";
  return (key, object) =>
    key.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`) &&
    (name ?? object.metadata.name) === object.metadata.name &&
    selects(selector, object);
}
