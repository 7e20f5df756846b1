#!/bin/sh
# Starts the program that lies behind this script, with the runtime that lies there too.
# Both are unpacked once into the user's cache, under the hash of what they are. Each file
# gets its name only when it is whole, so two that start at once do not harm each other.
# Comments are not part of what is built.
_starter=$_
fail() {
  echo "error: oc-spirefed cannot unpack its runtime (@MEGABYTES@ MB): $1" >&2
  echo "  next: ${2:-XDG_CACHE_HOME=/a/folder/of/yours $0}" >&2
  if [ -n "$_new" ]; then rm -rf "$_new"; fi
  exit 5
}
# A cheap look on each start: both files are there, have their sizes, and are the user's own.
intact() {
  [ -x "$_home/deno" ] && [ -O "$_home/deno" ] && [ -O "$_home/program.js" ] || return 1
  _sizes=$(wc -c <"$_home/deno" && wc -c <"$_home/program.js") || return 1
  set -- $_sizes
  [ "$1" = @RUNTIME_SIZE@ ] && [ "$2" = @PROGRAM_SIZE@ ]
}
unpack() {
  for _tool in tail head gzip wc mkdir mv rm chmod; do
    command -v "$_tool" >/dev/null || fail "there is no $_tool on PATH" "install $_tool"
  done
  umask 077
  _why=$(mkdir -p "$_home" 2>&1) || fail "${_why:-$_home cannot be made}"
  [ -O "$_home" ] || fail "$_home belongs to somebody else"
  [ -w "$_home" ] || fail "$_home cannot be written to"
  _new=$_home/new.$$
  rm -rf "$_new"
  _why=$(mkdir "$_new" 2>&1) || fail "${_why:-$_new cannot be made}"
  trap 'rm -rf "$_new"; exit 130' INT
  trap 'rm -rf "$_new"; exit 143' TERM
  if [ -t 2 ]; then echo "Unpacking the runtime into $_home (only this once)" >&2; fi
  _why=$({ tail -c +@PROGRAM_AT@ "$_self" | head -c @PROGRAM_PACKED@ | gzip -dc >"$_new/program.js"; } 2>&1) &&
    _why=$({ tail -c +$((@PROGRAM_AT@ + @PROGRAM_PACKED@)) "$_self" | gzip -dc >"$_new/deno"; } 2>&1) ||
    fail "${_why:-is the disk full, or the download cut?}"
  chmod 700 "$_new/deno"
  DENO_NO_UPDATE_CHECK=1 "$_new/deno" --version >/dev/null 2>&1 ||
    fail "no program can be run from $_home: is it mounted noexec, or is this file for another kind of machine?"
  mv -f "$_new/program.js" "$_home/program.js" && mv -f "$_new/deno" "$_home/deno" ||
    fail "$_home cannot be written to"
  rm -rf "$_new"
  _new=
  trap - INT TERM
  intact || fail "$_home does not hold what was unpacked"
}
_new=
_self=$0
case $_self in */*) ;; *) _self=$(command -v -- "$0") ;; esac
_cache=${XDG_CACHE_HOME:-}
case $_cache in
  /*) ;;
  *)
    [ -n "${HOME:-}" ] || fail "neither HOME nor XDG_CACHE_HOME is set"
    _cache=$HOME/.cache
    ;;
esac
_home=$_cache/oc-spirefed/@KEY@
intact || unpack
@WRITE_STEP@
DENO_NO_UPDATE_CHECK=1 DENO_DIR=${DENO_DIR:-$_cache/oc-spirefed/deno} SPIREFED_STARTER=$_starter SPIREFED_CALLED=$0 \
  exec "$_home/deno" run @FLAGS@ ${_write:+"$_write"} "$_home/program.js" "$@"
