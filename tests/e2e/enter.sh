#!/bin/sh
# Runs a command (a shell, if none is given) where the practice clusters can be
# reached: in the fabric's network, with its DNS, with kubectl first on PATH
# and the plugin after it.
set -eu
here=$(dirname "$(readlink -f "$0")")
export KUBECONFIG="$here/kubeconfig" PATH="$here/bin:$here/plugin:$PATH" SPIREFED_E2E_RUN="@RUN_NAME@"
[ $# -gt 0 ] || set -- "${SHELL:-/bin/sh}"
exec nsenter --net=/run/netns/@FABRIC@ \
  unshare --mount --propagation private \
  sh -c 'mount --bind "$0" /etc/resolv.conf && exec "$@"' "$here/resolv.conf" "$@"
