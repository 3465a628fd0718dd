#!/usr/bin/env bash
# Makes every request of the Stripe adapter at stripe-mock, the vendor's own stand-in, which refuses parameters that the API does
# not have. Its answers are examples, so nothing is read off them.
#
#   tests/outsiders/stripe-mock.sh
#
# Fetches stripe-mock once, as a Go module, into target/outsiders.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=v0.203.0
work=$here/../../target/outsiders/stripe-mock-$version
mkdir -p "$work"
if [ ! -x "$work/stripe-mock" ]; then
  "$here/../services/need.sh" go golang-go
  GOBIN=$(cd "$work" && pwd) go install "github.com/stripe/stripe-mock@$version"
fi

# Both on loopback and on ports of their own: where no address is named it listens on all of the machine's.
"$work/stripe-mock" -http-addr 127.0.0.1:0 -https-addr 127.0.0.1:0 >"$work/log" 2>&1 &
mock=$!
# shellcheck disable=SC2064 # The process is known now, and no other one is meant.
trap "kill $mock 2>/dev/null; wait $mock || true" EXIT
until grep -q '^Listening for HTTP at' "$work/log"; do
  kill -0 "$mock" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
  sleep 0.1
done
port=$(sed -n 's/^Listening for HTTP at address: 127.0.0.1://p' "$work/log")

# Of the whole workspace, so that the features of dependencies, and with them their builds, are those of the other tests.
FEIRA_STRIPE_MOCK=http://127.0.0.1:$port/v1 cargo test --workspace --test gateways -- --show-output stripe_mock:: |
  tee "$work/tests.txt"
grep -q '^test stripe_mock::.* \.\.\. ok$' "$work/tests.txt"
! grep -q '^skipped: ' "$work/tests.txt"
