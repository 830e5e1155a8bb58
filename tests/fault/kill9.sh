#!/bin/sh
# Run kill9 in a folder of its own: kill9.sh PROGRAM ROUNDS [SEED]
set -eu
program=$1
shift
dir=$(mktemp -d "${TMPDIR:-/tmp}/ferrite-kill9.XXXXXX")
trap 'rm -rf "$dir"' EXIT
"$program" "$dir/store.db" "$@"
