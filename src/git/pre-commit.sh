#!/bin/sh
# Refuses a commit of unsound pipeline files. Written by `pipeline git setup --pre-commit`, which leaves it alone once
# it was edited; `pipeline git setup --remove` removes it. `git commit --no-verify` passes it by.
# It checks the folder of each staged .csv or .yaml file that belongs to a pipeline, as it stands in the working tree.
set -eu
pipeline=@PROGRAM@

top=$(git rev-parse --show-toplevel)
staged=$(git -c core.quotePath=off diff --cached --name-only -- ':(top,glob)**/*.csv' ':(top,glob)**/*.yaml')
[ -n "$staged" ] || exit 0

printf '%s\n' "$staged" | sed 's|[^/]*$||' | sort -u |
    while IFS= read -r folder; do
        # Deals and history may stand in folders of their own inside it.
        while [ -n "$folder" ] && [ ! -f "$top/${folder}pipeline.yaml" ]; do
            folder=$(printf '%s' "$folder" | sed 's|[^/]*/$||')
        done
        [ -f "$top/${folder}pipeline.yaml" ] && printf '%s\n' "$folder"
    done | sort -u |
    while IFS= read -r folder; do
        "$pipeline" -C "$top/$folder" check </dev/null >&2 || exit 1
    done
