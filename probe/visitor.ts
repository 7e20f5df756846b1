/**
 * The probe that visits a server which is not ours: once as it should be, then in ways
 * that must come to nothing.
 *
 * @module
 */
import type { VisitName, VisitorOrders, VisitRecord } from "../lib/mtls/records.ts";
import { selfSigned } from "./forge.ts";
import type { Credentials } from "./keyring.ts";
import { credentialsFor, identify, type Identity, identityRecord, type Source } from "./source.ts";
import { visit } from "./visit.ts";

const RETRY_MS = 500;

/** Makes the visits in their order. */
export async function makeVisits(orders: VisitorOrders, source: Source): Promise<void> {
  const { say } = source;
  const identity = await identify([orders.self], orders.identityMs, source);
  say(identityRecord(orders.self, identity.keyring()));
  for (const name of orders.visits) {
    say(
      name === "visit" ? await visitUntilLetIn(orders, identity) : await go(name, orders, identity),
    );
  }
  say({ event: "done" });
  identity.stop();
}

/** A bundle and an agent may need a moment, on either side. */
async function visitUntilLetIn(orders: VisitorOrders, identity: Identity): Promise<VisitRecord> {
  const deadline = Date.now() + orders.answerMs;
  for (;;) {
    const record = await go("visit", orders, identity);
    if (record.outcome === "stayed" || Date.now() > deadline) return record;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

async function go(
  name: VisitName,
  { self, server, watchMs, watchControlMs }: VisitorOrders,
  identity: Identity,
): Promise<VisitRecord> {
  const keyring = identity.keyring();
  const ids = name === "other-server-id"
    ? server.ids.map((id) => `${id}-and-no-other`)
    : server.ids;
  return await visit({
    ...server,
    name,
    ids,
    credentials: credentials(name),
    watchMs: name === "visit" ? watchMs : watchControlMs,
  }, keyring);

  function credentials(name: VisitName): Credentials | undefined {
    switch (name) {
      case "no-certificate":
        return undefined;
      case "self-signed":
        return selfSigned(self);
      default:
        return credentialsFor(self, keyring);
    }
  }
}
