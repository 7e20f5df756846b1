/**
 * Flags that several commands share, spelled as kubectl and curl spell them.
 *
 * @module
 */

/** Everywhere. */
export const GLOBAL_FLAGS = {
  kubeconfig: {
    type: "string",
    value: "FILE",
    summary: "kubeconfig to read instead of $KUBECONFIG or ~/.kube/config",
    completes: "file",
    group: "Global",
  },
  as: { type: "string", value: "USER", summary: "user to impersonate", group: "Global" },
  asGroup: {
    type: "list",
    value: "GROUP",
    summary: "group to impersonate; may be given several times",
    group: "Global",
  },
  requestTimeout: {
    type: "duration",
    value: "TIME",
    default: "30s",
    summary: "limit of one call to a cluster",
    group: "Global",
  },
  timeout: {
    type: "duration",
    value: "TIME",
    default: "5m",
    summary: "limit of the whole command",
    group: "Global",
  },
  verbosity: {
    type: "integer",
    short: "v",
    value: "LEVEL",
    default: "0",
    summary: "6 and above log each request on stderr, never its secrets",
    group: "Global",
  },
  noColor: { type: "switch", summary: "no colour, whatever the terminal can", group: "Global" },
} as const;

/** Names the one cluster of a single-cluster command. */
export const CONTEXT_FLAG = {
  type: "string",
  value: "CTX",
  summary: "cluster: a context, or path/to/kubeconfig#context",
  completes: "context",
} as const;

/** For answers that are one document or a list. */
export const OUTPUT_TEXT_JSON = {
  type: "string",
  short: "o",
  value: "FORMAT",
  choices: ["text", "json"],
  default: "text",
  summary: "how to print the answer",
} as const;

/** For answers that are objects too. */
export const OUTPUT_TEXT_JSON_YAML = {
  ...OUTPUT_TEXT_JSON,
  choices: ["text", "json", "yaml"],
} as const;

/** For answers that are objects alone. */
export const OUTPUT_YAML_JSON = {
  ...OUTPUT_TEXT_JSON,
  choices: ["yaml", "json"],
  default: "yaml",
} as const;

/** For answers that are checks. */
export const OUTPUT_TEXT_JSON_JUNIT = {
  ...OUTPUT_TEXT_JSON,
  choices: ["text", "json", "junit"],
} as const;

/** What a command that checks counts as bad news. */
export const FAIL_ON_FLAG = {
  type: "string",
  value: "WHAT",
  choices: ["fail", "warn"],
  default: "fail",
  summary: "with warn, exit 6 when warnings are the worst",
} as const;

/** curl's flag: moves TCP only; names, roots and SNI stay. */
export const CONNECT_TO_FLAG = {
  type: "list",
  value: "HOST:PORT:ADDR:PORT",
  summary: "reach HOST:PORT at ADDR:PORT; SNI, SPIFFE ID and roots stay",
  group: "Network",
} as const;

/** What a command is given that works on any number of clusters, or on all. */
export const CLUSTERS = {
  name: "CTX",
  summary: "clusters: contexts, or path/to/kubeconfig#context",
  required: false,
  variadic: true,
  completes: "context",
} as const;

/** What a command is given that concerns pairs of clusters. */
export const PAIRED_CLUSTERS = {
  ...CLUSTERS,
  summary: "two or more clusters: contexts, or path/to/kubeconfig#context",
  required: true,
} as const;

/** Of every command that changes something. */
export const DRY_RUN_FLAG = {
  type: "switch",
  summary: "plan, have the servers try it (dryRun=All), write nothing",
} as const;

/** Of every command that asks. */
export const YES_FLAG = {
  type: "switch",
  summary: "agree to what the plan asks",
  consent: true,
} as const;

/** Of commands that change several clusters. */
export const SKIP_FLAG = {
  type: "list",
  value: "CTX",
  summary: "go on without this cluster; may be given several times",
  completes: "context",
} as const;

/** kubectl's flag: without it, another manager's field is a conflict. */
export const FORCE_CONFLICTS_FLAG = {
  type: "switch",
  summary: "take fields over from other managers",
  consent: true,
} as const;

/** Of commands that judge what they see of clusters. */
export const FROM_FLAG = {
  type: "string",
  value: "FILE",
  summary: "judge an archive that gather wrote; speaks to no cluster",
  completes: "file",
} as const;

/** Of commands that read one cluster's bundle, or one that is given. */
export const SOURCE_FLAG = {
  type: "string",
  value: "WHERE",
  choices: ["endpoint", "api"],
  default: "endpoint",
  summary: "with --context: where the bundle comes from",
  group: "Trust",
} as const;

/** Of commands that judge what they are given. */
export const AT_FLAG = {
  type: "time",
  value: "TIME",
  summary: "judge as at this time instead of now",
} as const;
