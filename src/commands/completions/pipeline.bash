# bash completion for pipeline: source it, or put it where bash-completion looks.
_pipeline() {
    COMPREPLY=()
    mapfile -t COMPREPLY < <(PIPELINE_COMPLETE=bash PIPELINE_COMPLETE_AS="${COMP_TYPE-}" \
        "$1" -- "${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/] ]]; then
        compopt -o nospace 2>/dev/null
    fi
    return 0
}
complete -o nosort -F _pipeline pipeline 2>/dev/null || complete -F _pipeline pipeline
