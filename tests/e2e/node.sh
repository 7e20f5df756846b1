#!/bin/sh
# The first process of a node. It runs in mount, pid, uts and network namespaces of
# its own, so that every default path is private to the node, and so that killing
# this one process ends everything in it, containers included.
#
# usage: node.sh NAME STATE_FOLDER
set -eu
name=$1 state=$2

hostname "$name-node"
mount -t tmpfs tmpfs /run
mkdir -p /run/netns /run/lock /run/containerd /run/spire/agent-sockets

bind() {
  mkdir -p "$state/$1" "$2"
  mount --bind "$state/$1" "$2"
}
bind kubelet /var/lib/kubelet
bind containerd /var/lib/containerd
bind cni /var/lib/cni
bind pod-logs /var/log/pods
bind container-logs /var/log/containers
bind cni-configuration /etc/cni/net.d

# The kubelet sets these for the whole machine, and they would outlive it. It leaves
# alone what already has the value it wants: so it is shown its own values.
show() {
  echo "$2" > "$state/shown-$(basename "$1")"
  mount --bind "$state/shown-$(basename "$1")" "/proc/sys/$1"
}
show vm/overcommit_memory 1
show vm/panic_on_oom 0
show kernel/panic 10
show kernel/panic_on_oops 1
show kernel/keys/root_maxkeys 1000000
show kernel/keys/root_maxbytes 25000000

# New peer groups inside this namespace only: a CSI driver's mounts reach the pods.
mount --make-rshared /
touch "$state/ready"
trap 'exit 0' TERM
# The shell reaps what containers leave behind.
while :; do
  sleep 3600 &
  wait $!
done
