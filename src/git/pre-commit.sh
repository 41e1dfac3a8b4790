#!/bin/sh
# Refuses a commit of unsound pipeline files. Written by `pipeline git setup --pre-commit`, which leaves it alone once
# it was edited; `pipeline git setup --remove` removes it. `git commit --no-verify` passes it by.
# It checks the folder of each staged deals.csv, history.csv or pipeline.yaml as it stands in the working tree.
set -eu
pipeline=@PROGRAM@

top=$(git rev-parse --show-toplevel)
staged=$(git -c core.quotePath=off diff --cached --name-only -- \
    ':(top,glob)**/deals.csv' ':(top,glob)**/history.csv' ':(top,glob)**/pipeline.yaml')
[ -n "$staged" ] || exit 0

printf '%s\n' "$staged" | sed 's|[^/]*$||' | sort -u |
    while IFS= read -r folder; do
        [ -f "$top/${folder}pipeline.yaml" ] || continue
        "$pipeline" -C "$top/$folder" check </dev/null >&2 || exit 1
    done
