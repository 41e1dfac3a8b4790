#compdef pipeline
# zsh completion for pipeline: source it after compinit, or put it into fpath as _pipeline.
_pipeline() {
    local -a open whole
    local line
    for line in "${(@f)$(PIPELINE_COMPLETE=zsh ${(Q)words[1]} -- "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
        case "${line%%:*}" in
            '') ;;
            *[=/]) open+=("$line") ;;
            *) whole+=("$line") ;;
        esac
    done
    (( $#open )) && _describe -V 'pipeline' open -S ''
    (( $#whole )) && _describe -V 'pipeline' whole
    (( $#open + $#whole ))
}
if [[ "$funcstack[1]" == _pipeline ]]; then
    _pipeline "$@"
else
    compdef _pipeline pipeline
fi
