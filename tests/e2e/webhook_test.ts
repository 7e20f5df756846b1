/** The controller manager's webhook: inert, as under the operator, and live. */
import assert from "node:assert/strict";
import { cfdtFor, forgetPeers, openPair, ownBundle, setWebhook } from "./clusters.ts";

const [east, west] = await openPair();
const truth = await ownBundle(west);
const wrong = await ownBundle(east);

Deno.test("the inert webhook lets everything in, the live one refuses what cannot be parsed", async () => {
  await forgetPeers(east);
  const garbage = cfdtFor(west, { bundle: "garbage", name: "garbage" });
  const plain = cfdtFor(west, { bundle: truth, url: "http://plain.example", name: "plain" });
  const own = cfdtFor(east, { bundle: wrong, name: "own" });

  await east.api.apply(garbage);
  await east.api.delete(garbage);
  await setWebhook(east, "live");
  try {
    await assert.rejects(east.api.apply(garbage), /HTTP 403.*denied the request/s);
    await assert.rejects(east.api.apply(plain), /HTTP 403.*denied the request/s);
    await east.api.apply(own);
    await east.api.delete(own);
  } finally {
    await setWebhook(east, "inert");
  }
});
