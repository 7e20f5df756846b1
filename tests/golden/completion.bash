# bash completion for oc-spirefed
_oc_spirefed() {
  local line=${COMP_LINE:0:COMP_POINT} words current lines last candidate cut
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  current=${words[-1]}
  cut=
  if [[ $current == *[=:]* ]]; then cut=${current%"${current##*[=:]}"}; fi
  [[ $current == --*=* ]] && cut=${cut#"${current%%=*}="}
  mapfile -t lines < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
  last=${lines[-1]:-}
  COMPREPLY=()
  for candidate in "${lines[@]:0:${#lines[@]}-1}"; do
    candidate=${candidate%%$'\t'*}
    printf -v candidate %q "${candidate#"$cut"}"
    COMPREPLY+=("$candidate")
  done
  if [[ $last == :0 ]]; then compopt -o default; fi
}
complete -F _oc_spirefed oc-spirefed kubectl-spirefed
