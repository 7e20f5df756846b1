/**
 * Labels as a user types them.
 *
 * @module
 */
import { SpirefedError } from "../../../lib/errors.ts";
import { isObjectName } from "../../../manifests/object_name.ts";

const NAME_REGEXP = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/**
 * Reads labels, `KEY=VALUE` each, as Kubernetes allows them.
 *
 * @throws {SpirefedError} `usage`, naming the one that is none.
 */
export function parseLabels(
  flag: string,
  texts: readonly string[],
): Readonly<Record<string, string>> {
  const labels = texts.map((text) => {
    const at = text.indexOf("=");
    const [key, value] = [text.slice(0, at), text.slice(at + 1)];
    if (at > 0 && isLabelKey(key) && (value === "" || NAME_REGEXP.test(value))) {
      return [key, value] as const;
    }
    throw new SpirefedError("usage", `${flag} ${JSON.stringify(text)} is not a label`, {
      remedy: `write it as ${flag} app=shop`,
    });
  });
  const twice = labels.find(([key], at) => labels.findIndex(([other]) => other === key) !== at);
  if (twice === undefined) return Object.fromEntries(labels);
  throw new SpirefedError("usage", `${flag} ${twice[0]} is given twice: nothing has both values`);
}

function isLabelKey(key: string): boolean {
  const slash = key.indexOf("/");
  if (slash < 0) return NAME_REGEXP.test(key);
  return isObjectName(key.slice(0, slash)) && NAME_REGEXP.test(key.slice(slash + 1));
}
