#!/bin/sh
# Installs oc-spirefed for the user who runs this. Needs no root and asks for none.
set -eu

usage() {
  cat <<'EOF'
Usage: install.sh [--from FILE] [--prefix DIR]
       install.sh --uninstall [--prefix DIR]

Installs into DIR/bin (DIR is ~/.local unless it is given):
  oc-spirefed                 the program
  kubectl-spirefed            a link to it, the name that kubectl looks for
  oc_complete-spirefed        what oc asks for completion
  kubectl_complete-spirefed   what kubectl asks for completion
and, where it is there, the manual page into DIR/share/man/man1.

Options:
  --from FILE    the program, or a release archive (.tar.gz) with SHA256SUMS beside it;
                 else what lies beside this script, else what "deno task build" made
  --prefix DIR   where to install
  --uninstall    take all of that away, and the runtime that was unpacked for it
  --help         print this
EOF
}

fail() {
  code=$1
  echo "error: $2" >&2
  if [ $# -gt 2 ]; then echo "  next: $3" >&2; fi
  exit "$code"
}

from=
prefix=
uninstall=
while [ $# -gt 0 ]; do
  case $1 in
    --from | --prefix)
      [ $# -gt 1 ] && [ -n "$2" ] || fail 2 "$1 needs a value" "$0 --help"
      if [ "$1" = --from ]; then from=$2; else prefix=$2; fi
      shift
      ;;
    --from=?*) from=${1#--from=} ;;
    --prefix=?*) prefix=${1#--prefix=} ;;
    --uninstall) uninstall=yes ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) fail 2 "unknown argument $1" "$0 --help" ;;
  esac
  shift
done
if [ -z "$prefix" ]; then
  [ -n "${HOME:-}" ] || fail 2 "HOME is not set, so there is no place to install to" "$0 --prefix DIR"
  prefix=$HOME/.local
fi
case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
here=$(cd "$(dirname "$0")" && pwd)
bin=$prefix/bin
man=$prefix/share/man/man1
work=
trap 'if [ -n "$work" ]; then rm -rf "$work"; fi' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A file of this name that somebody else put there is never touched.
ours() {
  if [ -L "$1" ]; then
    case $(readlink "$1") in oc-spirefed | */oc-spirefed) return 0 ;; *) return 1 ;; esac
  fi
  [ ! -e "$1" ] || head -c 4096 "$1" | grep -aq 'oc-spirefed'
}

refuse_foreign() {
  for name in oc-spirefed kubectl-spirefed oc_complete-spirefed kubectl_complete-spirefed; do
    ours "$bin/$name" || fail 5 "$bin/$name is not a file of oc-spirefed" "move it away, or choose another --prefix"
  done
}

remove_all() {
  refuse_foreign
  removed=
  for file in "$bin/oc-spirefed" "$bin/kubectl-spirefed" "$bin/oc_complete-spirefed" \
    "$bin/kubectl_complete-spirefed" "$man/oc-spirefed.1"; do
    if [ -e "$file" ] || [ -L "$file" ]; then
      rm -f "$file" || fail 5 "$file cannot be removed"
      echo "removed $file"
      removed=yes
    fi
  done
  cache=
  case ${XDG_CACHE_HOME:-} in
    /*) cache=$XDG_CACHE_HOME/oc-spirefed ;;
    *) if [ -n "${HOME:-}" ]; then cache=$HOME/.cache/oc-spirefed; fi ;;
  esac
  if [ -n "$cache" ] && [ -d "$cache" ]; then
    rm -rf "$cache" && { rmdir "${cache%/*}" 2>/dev/null || :; }
    echo "removed $cache"
    removed=yes
  fi
  for folder in "$bin" "$man" "$prefix/share/man" "$prefix/share" "$prefix"; do
    rmdir "$folder" 2>/dev/null || :
  done
  if [ -z "$removed" ]; then echo "nothing of oc-spirefed is in $prefix"; fi
}

digest() {
  if command -v sha256sum >/dev/null; then
    sha256sum <"$1"
  elif command -v shasum >/dev/null; then
    shasum -a 256 <"$1"
  elif command -v openssl >/dev/null; then
    openssl dgst -sha256 -r <"$1"
  else
    fail 5 "there is no sha256sum, shasum or openssl to verify $1 with"
  fi | cut -d ' ' -f 1
}

# Unpacks an archive whose checksum is the one in SHA256SUMS beside it.
unpack() {
  sums=$(dirname "$1")/SHA256SUMS
  [ -f "$sums" ] || fail 5 "there is no SHA256SUMS beside $1 to verify it with" "put the release's SHA256SUMS there"
  name=$(basename "$1")
  wanted=$(while read -r sum file; do
    if [ "${file#\*}" = "$name" ]; then echo "$sum"; fi
  done <"$sums")
  [ -n "$wanted" ] || fail 4 "$sums does not name $name"
  found=$(digest "$1")
  [ "$wanted" = "$found" ] || fail 4 "$1 is not what SHA256SUMS says: $found, not $wanted" "get it again; nothing was installed"
  gzip -dc "$1" | (cd "$work" && tar -xf -) || fail 5 "$1 cannot be unpacked"
  program=$work/oc-spirefed
  page=$work/oc-spirefed.1
}

find_program() {
  case $from in
    *.tar.gz | *.tgz)
      [ -f "$from" ] || fail 2 "there is no file $from"
      work=$(mktemp -d)
      unpack "$from"
      ;;
    ?*)
      [ -f "$from" ] || fail 2 "there is no file $from"
      program=$from
      page=$(dirname "$from")/oc-spirefed.1
      ;;
    *)
      program=$here/oc-spirefed
      page=$here/oc-spirefed.1
      if [ ! -f "$program" ]; then
        program=$here/dist/oc-spirefed
        page=$here/dist/oc-spirefed.1
      fi
      [ -f "$program" ] || fail 2 "there is nothing to install beside this script" "deno task build, or $0 --from FILE"
      ;;
  esac
  [ -f "$program" ] || fail 5 "$from holds no oc-spirefed"
}

# A file gets its name when it is whole, so that a program that runs is never half replaced.
put() {
  mv -f "$1" "$2" || fail 5 "$2 cannot be written"
  echo "installed $2"
}

helper() {
  cat >"$bin/.spirefed.$$" <<'EOF'
#!/bin/sh
# Completion for oc and kubectl: see "oc-spirefed completion --help".
exec "${0%/*}/oc-spirefed" complete -- "$@"
EOF
  chmod 755 "$bin/.spirefed.$$"
  put "$bin/.spirefed.$$" "$bin/$1"
}

install_all() {
  find_program
  mkdir -p "$bin" 2>/dev/null && [ -w "$bin" ] || fail 5 "$bin cannot be written to" "$0 --prefix DIR"
  refuse_foreign
  cp "$program" "$bin/.spirefed.$$" || fail 5 "$bin/oc-spirefed cannot be written"
  chmod 755 "$bin/.spirefed.$$"
  put "$bin/.spirefed.$$" "$bin/oc-spirefed"
  ln -s oc-spirefed "$bin/.spirefed.$$"
  put "$bin/.spirefed.$$" "$bin/kubectl-spirefed"
  helper oc_complete-spirefed
  helper kubectl_complete-spirefed
  if [ -f "$page" ] && mkdir -p "$man" 2>/dev/null; then
    cp "$page" "$man/.spirefed.$$"
    put "$man/.spirefed.$$" "$man/oc-spirefed.1"
  fi
  case :${PATH:-}: in
    *:"$bin":*) ;;
    *)
      echo "$bin is not on PATH; add it, for example in ~/.profile:"
      echo "  export PATH=\"$bin:\$PATH\""
      ;;
  esac
  "$bin/oc-spirefed" version >/dev/null || fail 5 "it is installed, but cannot start yet: see above"
  echo "try it: oc spirefed --help, or kubectl spirefed --help"
}

if [ -n "$uninstall" ]; then remove_all; else install_all; fi
