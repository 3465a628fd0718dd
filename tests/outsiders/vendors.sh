#!/usr/bin/env bash
# Speaks to the simulator of gateways with the vendors' own client libraries, unchanged from the registry: orders, tokens, refunds,
# subscriptions, lists and errors. What they send it must take, and what it answers they must read.
#
#   cargo build -p feira-simulator && tests/outsiders/vendors.sh
#
# Fetches what is missing once, into target/outsiders; the registry's lock names every file by its hash.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$here/../../target/outsiders/vendors
simulator=$here/../../target/debug/feira-simulator
[ -x "$simulator" ] || { echo "build it first: cargo build -p feira-simulator" >&2; exit 1; }
"$here/../services/need.sh" node nodejs
"$here/../services/need.sh" npm

if ! cmp -s "$here/vendors/package-lock.json" "$work/node_modules/installed.json"; then
  mkdir -p "$work"
  cp "$here/vendors/package.json" "$here/vendors/package-lock.json" "$work"
  npm ci --silent --ignore-scripts --no-audit --no-fund --prefix "$work"
  cp "$here/vendors/package-lock.json" "$work/node_modules/installed.json"
fi

rm -rf "$work/data"
"$simulator" --data "$work/data" --listen 127.0.0.1:0 >"$work/greeting" 2>"$work/log" &
process=$!
# shellcheck disable=SC2064 # The process is known now, and no other one is meant.
trap "kill $process 2>/dev/null; wait $process || true" EXIT
until [ -s "$work/greeting" ]; do
  kill -0 "$process" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
  sleep 0.1
done

for script in "$here"/vendors/*.mjs; do
  cp "$script" "$work" # Beside what is installed, where Node looks for it.
  node "$work/$(basename "$script")" "$work/greeting"
done
