#!/usr/bin/env bash
# Makes sure that a command is there: need.sh COMMAND [DEBIAN-PACKAGE]. Installs the package (of the same name, if none is
# named) where it is missing and this user may.
set -euo pipefail
command=$1 package=${2:-$1}
command -v "$command" >/dev/null && exit 0
command -v apt-get >/dev/null || { echo "$command is missing; install it and start again" >&2; exit 1; }
sudo=()
[ "$(id -u)" = 0 ] || sudo=(sudo -n)
install() { "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$package" >&2; }
echo "installing $package" >&2
# A machine that was just made has no lists of packages yet.
install || { "${sudo[@]}" apt-get update >&2 && install; } ||
  { echo "$command is missing and \`apt-get install $package\` failed; install it and start again" >&2; exit 1; }
