#!/usr/bin/env bash
# Holds the running binary against what it says of itself: schemathesis makes thousands of requests from /openapi.json, right and
# wrong ones, and compares each answer with the description: status, content type, headers, schema; and no 5xx. It takes tokens
# away as well, and asks for 401. That a token of another shop opens nothing is no matter of a description: the isolation test
# (apis/tests/http/isolation.rs) walks the route table for that.
#
#   cargo build --workspace && tests/outsiders/fuzz.sh [SEED [EXAMPLES]]
#
# The seed fixes what is made of the description; ids and versions come from the answers, so two runs are alike, not the same.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/venv.sh"
source "$here/running.sh"
seed=${1:-3}
examples=${2:-10} # Per operation and phase; with the cases at each limit, which are made anyway, some 6,000 in all.
fuzzed=$work/fuzz
start "$fuzzed"
export FUZZ_HOOKS=$here/fuzz/hooks.py
{ cat "$here/fuzz/schemathesis.toml"; "$venv/bin/python" "$here/fuzz/known.py" "$port"; } >"$fuzzed/schemathesis.toml"

tried=0 failed=0
try() { # try NAME ARGUMENT…
  local name=$1 ended=0
  shift
  "$venv/bin/schemathesis" --config-file "$fuzzed/schemathesis.toml" run --no-color "http://localhost:$port/openapi.json" \
    --seed "$seed" --max-examples "$examples" "$@" >"$fuzzed/$name.txt" 2>&1 || ended=$?
  if [ "$ended" = 0 ]; then
    printf '%s: %s\n' "$name" "$(grep -E '^ *[0-9]+ generated' "$fuzzed/$name.txt")"
  else
    cat "$fuzzed/$name.txt"
    failed=1
  fi
  tried=$((tried + $(sed -n 's/^ *\([0-9]*\) generated.*/\1/p' "$fuzzed/$name.txt")))
}

try store -H "Host: moda.localhost" --include-tag store --include-tag shop
try admin -H "Host: moda.localhost" --include-tag admin
try payments -H "Host: moda.localhost" --include-tag payments
try operator --include-tag operator --include-tag platform
try signup --include-tag signup
printf '%d cases in %d s, seed %s\n' "$tried" "$SECONDS" "$seed"
[ "$tried" -ge 2000 ] || { echo "fewer than 2,000 cases" >&2; exit 1; }
exit "$failed"
