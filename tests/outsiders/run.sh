#!/usr/bin/env bash
# Reads Feira's topics with tools that nobody here wrote, as an analytics engineer would: kcat for keys and headers,
# confluent-kafka's own Avro deserializer against the registry, kafka-python and aiokafka as installed, and kafkajs with the
# registry's client for Node. Run it after walks on the services have filled the topics:
#
#   eval "$(tests/services/services.sh start)"; cargo test --test walks; tests/outsiders/run.sh
#
# Needs FEIRA_KAFKA_BROKERS and FEIRA_REGISTRY_URL; fetches what is missing once, into target/outsiders.
set -euo pipefail
: "${FEIRA_KAFKA_BROKERS:?is not set (tests/services/services.sh start prints it)}"
: "${FEIRA_REGISTRY_URL:?is not set (tests/services/services.sh start prints it)}"

source "$(dirname "${BASH_SOURCE[0]}")/venv.sh"
"$here/../services/need.sh" kcat
"$here/../services/need.sh" node nodejs
"$here/../services/need.sh" npm

# What Node's clients are, and nothing beside them that would read what they don't.
export NODE_CLIENTS=$work/node
if ! cmp -s "$here/package-lock.json" "$NODE_CLIENTS/node_modules/installed.json"; then
  mkdir -p "$NODE_CLIENTS"
  cp "$here/package.json" "$here/package-lock.json" "$NODE_CLIENTS"
  npm ci --silent --ignore-scripts --no-audit --no-fund --prefix "$NODE_CLIENTS"
  cp "$here/package-lock.json" "$NODE_CLIENTS/node_modules/installed.json"
fi

for topic in admin.events store.events; do
  kcat -C -e -q -J -b "$FEIRA_KAFKA_BROKERS" -t "$topic" -o beginning -X isolation.level=read_committed >"$work/kcat.json"
  "$venv/bin/python" "$here/read.py" "$topic" <"$work/kcat.json"
  records=$(wc -l <"$work/kcat.json")
  "$venv/bin/python" "$here/plain.py" "$topic" "$records"
  node "$here/read.mjs" "$topic" "$records"
done

# The README's own example reads what its readers would see.
sed -n '/^```python$/,/^```$/{/^```/d;p}' "$here/../../README.md" >"$work/readme.py"
events=$("$venv/bin/python" "$work/readme.py" | wc -l)
[ "$events" -gt 0 ] || { echo "the README's example printed no event" >&2; exit 1; }
echo "the README's example printed $events events"
