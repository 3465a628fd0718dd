# Sourced after venv.sh: starts the dev binary with a data folder and a port of its own, and stops it when the script ends.
# Sets `port`; the shop tried is moda, one of the demo's.
feira=$here/../../target/debug/feira
[ -x "$feira" ] || { echo "build it first: cargo build --workspace" >&2; exit 1; }

start() { # start FOLDER
  rm -rf "$1"
  mkdir -p "$1"
  "$feira" dev --data "$1/data" --listen 127.0.0.1:0 >"$1/greeting" 2>"$1/log" &
  local process=$!
  # shellcheck disable=SC2064 # The process is known now, and no other one is meant.
  trap "kill $process 2>/dev/null; wait $process || true" EXIT
  until grep -q credentials.json "$1/greeting"; do # The greeting's last line.
    kill -0 "$process" 2>/dev/null || { cat "$1/log" >&2; exit 1; }
    sleep 0.1
  done
  port=$(sed -n '1s|.*:\([0-9]*\)/$|\1|p' "$1/greeting")
  SHOP_TOKEN=$(credential "$1" shops moda admin_token)
  OPERATOR_TOKEN=$(credential "$1" operator_token)
  export SHOP_TOKEN OPERATOR_TOKEN
}

credential() { # credential FOLDER KEY…
  "$venv/bin/python" -c 'import functools, json, sys
print(functools.reduce(dict.get, sys.argv[2:], json.load(open(sys.argv[1]))))' "$1/data/credentials.json" "${@:2}"
}
