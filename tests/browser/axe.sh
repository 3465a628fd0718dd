#!/usr/bin/env bash
# Fetches axe-core, by which tests in a browser look at the accessibility of pages, from npm's registry into target/axe, once. What is
# fetched is the very file that this names.
#
#   tests/browser/axe.sh
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=4.10.3
# The `integrity` that the registry names.
sum=Xm7bpRXnDSX2YE2YFfBk2FnF0ep6tmG7xPh8iHee8MIcrgq762Nkce856dYtJYLkuIoYZvGfTs/PbZhideTcEg==
mkdir -p "$here/../../target/axe"
work=$(cd "$here/../../target/axe" && pwd)
[ "$(cat "$work/version" 2>/dev/null)" != "$version" ] || [ ! -s "$work/axe.min.js" ] || exit 0
"$here/../services/need.sh" npm
"$here/../services/need.sh" openssl
file=$(cd "$work" && npm pack --silent "axe-core@$version")
[ "$(openssl dgst -sha512 -binary "$work/$file" | base64 -w 0)" = "$sum" ] ||
  { echo "axe-core-$version.tgz is not what it was" >&2; rm -f "$work/$file"; exit 1; }
tar -xzf "$work/$file" -C "$work" --strip-components=1 package/axe.min.js package/LICENSE
rm -f "$work/$file"
echo "$version" >"$work/version"
