/**
 * What an answer's status says, in the words of routes and SPIRE.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import { TemporaryFailure } from "./connection.ts";
import type { EndpointUrl } from "./address.ts";
import type { HttpAnswer } from "./http_get.ts";

/**
 * Lets pass the one answer that can carry a bundle: status 200.
 *
 * @throws {SpirefedError} `refused` with code `trust/redirect` for any redirect, which a
 * client may refuse (SPIFFE Federation, section 5.2.3); `preflight` with code
 * `endpoint/status` for any other status.
 * @throws {TemporaryFailure} for a status of 500 and above.
 */
export function judgeStatus({ status, headers, body }: HttpAnswer, url: EndpointUrl): void {
  if (status === 200) return;
  if (status >= 300 && status < 400) {
    const location = printable(headers.location ?? "", 300);
    throw new SpirefedError(
      "refused",
      `${url.shown}: redirects to "${location}" (HTTP ${status}), which is never followed`,
      { code: "trust/redirect", remedy: "Name the endpoint's own URL, if that is it" },
    );
  }
  const { reason, remedy } = explainStatus(status, url);
  const text = `${url.shown}: HTTP ${status}${bodyPhrase({ status, headers, body })}${reason}`;
  const details = { code: "endpoint/status", remedy };
  throw status >= 500
    ? new TemporaryFailure("preflight", text, details)
    : new SpirefedError("preflight", text, details);
}

function explainStatus(status: number, { path }: EndpointUrl): Explanation {
  if (status === 503) {
    return {
      reason: ": the route has no ready pod",
      remedy: "Wait for the SPIRE server, then try again; oc get endpointslices -n NAMESPACE " +
        "shows whether it is ready",
    };
  }
  if (status === 404 && path !== "/") {
    return {
      reason: `: nothing is served at ${printable(path, 200)}`,
      remedy: "Leave the path away: SPIRE serves its bundle at / only",
    };
  }
  if (status === 405) {
    return {
      reason: ": GET is not answered there",
      remedy: "Check that the URL is that of a bundle endpoint, without a path",
    };
  }
  return { reason: "", remedy: "Check that the URL is that of a SPIFFE bundle endpoint" };
}

interface Explanation {
  readonly reason: string;
  readonly remedy: string;
}

/** What kind of page came instead, with its title: a router's page names the cause. */
export function bodyPhrase({ headers, body }: HttpAnswer): string {
  const text = new TextDecoder().decode(body.subarray(0, 64 * 1024));
  const isHtml = /html/i.test(headers["content-type"] ?? "") || /^\s*<(!doctype|html)/i.test(text);
  if (!isHtml) return "";
  if (text.includes("Application is not available")) {
    return ', body is HTML ("Application is not available")';
  }
  const title = /<title>\s*([^<]{1,80})/i.exec(text)?.[1]?.trim();
  return title ? `, body is HTML ("${printable(title, 80)}")` : ", body is HTML";
}
