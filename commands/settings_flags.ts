/**
 * The flags that say what an installation is to be: `install` makes it so, `preflight`
 * judges whether it can.
 *
 * @module
 */

/** Every one of them also stands in a values file. */
export const SETTINGS_FLAGS = {
  filename: {
    type: "string",
    short: "f",
    value: "FILE",
    summary: "values file, YAML or JSON; flags go before it, - is stdin",
    completes: "file",
  },
  channel: { type: "string", value: "NAME", summary: "channel of the operator's package" },
  source: { type: "string", value: "NAME", summary: "catalog, default redhat-operators" },
  startingCsv: {
    type: "string",
    value: "NAME",
    summary: "version to start with, default the channel's newest",
  },
  approval: {
    type: "string",
    value: "HOW",
    choices: ["automatic", "manual"],
    summary: "manual approves this one InstallPlan and no later one",
  },
  trustDomain: {
    type: "string",
    value: "TD",
    summary: "default the ingress domain; can never be changed",
  },
  clusterName: {
    type: "string",
    value: "NAME",
    summary: "default from the ingress domain; can never be changed",
  },
  jwtIssuer: {
    type: "string",
    value: "URL",
    summary: "default https://oidc-discovery.<ingress domain>",
  },
  caSubject: {
    type: "string",
    value: "C=..,O=..,CN=..",
    summary: "subject of the CA, default C=US,O=SPIFFE,CN=<trust domain>",
  },
  storageClass: {
    type: "string",
    value: "NAME",
    summary: "default the cluster's default; can never be changed",
  },
  accessMode: {
    type: "string",
    value: "MODE",
    choices: ["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"],
    summary: "default ReadWriteOnce; can never be changed",
  },
  size: {
    type: "string",
    value: "SIZE",
    summary: "of the server's volume, default 1Gi; can never be changed",
  },
  refreshHint: {
    type: "integer",
    value: "SECONDS",
    summary: "60 to 3600, default 300: peers ask four times as often",
  },
} as const;
