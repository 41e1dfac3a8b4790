# fish completion for pipeline: source it, or put it into ~/.config/fish/completions/.
function __pipeline_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -lx PIPELINE_COMPLETE fish
    command $words[1] -- $words (commandline --current-token --cut-at-cursor) 2>/dev/null
end
complete --command pipeline --no-files --keep-order --arguments '(__pipeline_complete)'
