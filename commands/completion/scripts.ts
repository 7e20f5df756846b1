/**
 * Completion scripts. They ask the program itself, so they never grow stale.
 *
 * @module
 */

/** The script for `bash`, `zsh` or `fish`; for no other shell there is one. */
export function completionScript(shell: string): string {
  switch (shell) {
    case "bash":
      return BASH;
    case "zsh":
      return ZSH;
    case "fish":
      return FISH;
    default:
      throw new Error(`No completion script for ${shell}`);
  }
}

// The line is cut at blanks only: bash itself would also cut at = and :, which
// names of contexts contain. What stands before the last of these in the word is
// then taken off the candidates, for that is what bash puts back in front.
const BASH = `# bash completion for oc-spirefed
_oc_spirefed() {
  local line=\${COMP_LINE:0:COMP_POINT} words current lines last candidate cut
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  current=\${words[-1]}
  cut=
  if [[ $current == *[=:]* ]]; then cut=\${current%"\${current##*[=:]}"}; fi
  [[ $current == --*=* ]] && cut=\${cut#"\${current%%=*}="}
  mapfile -t lines < <("\${words[0]}" complete -- "\${words[@]:1}" 2>/dev/null)
  last=\${lines[-1]:-}
  COMPREPLY=()
  for candidate in "\${lines[@]:0:\${#lines[@]}-1}"; do
    candidate=\${candidate%%$'\\t'*}
    printf -v candidate %q "\${candidate#"$cut"}"
    COMPREPLY+=("$candidate")
  done
  if [[ $last == :0 ]]; then compopt -o default; fi
}
complete -F _oc_spirefed oc-spirefed kubectl-spirefed
`;

const ZSH = `#compdef oc-spirefed kubectl-spirefed
_oc_spirefed() {
  local -a lines candidates
  local line last prefix
  lines=("\${(@f)$("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  last=\${lines[-1]}
  for line in "\${(@)lines[1,-2]}"; do
    candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  [[ \${words[CURRENT]} == --*=* ]] && prefix=\${words[CURRENT]%%=*}=
  if [[ -n $prefix ]]; then compset -P '*='; fi
  (( \${#candidates} )) && _describe 'oc-spirefed' candidates
  [[ $last == :0 ]] && _files
}
if [[ \${funcstack[1]} == _oc-spirefed ]]; then
  _oc_spirefed "$@"
else
  compdef _oc_spirefed oc-spirefed kubectl-spirefed
fi
`;

const FISH = `# fish completion for oc-spirefed
function __oc_spirefed_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l lines ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
  set -l prefix ""
  if string match -qr -- '^--[^=]+=' "$current"
    set prefix (string replace -r -- '=.*' '=' "$current")
  end
  test (count $lines) -gt 1; and printf '%s\\n' "$prefix"$lines[1..-2]
  if test "$lines[-1]" = ":0"
    __fish_complete_path (string replace -r -- '^--[^=]+=' '' "$current")
  end
end
for program in oc-spirefed kubectl-spirefed
  complete -c $program -f -a '(__oc_spirefed_complete)'
end
`;
