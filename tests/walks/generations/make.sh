#!/usr/bin/env bash
# Makes the small data folder of a build, for the builds after it to open: make.sh BINARY BEFORE.tar.gz MADE.tar.gz SUBDOMAIN
#
# The build opens the folder of the build before it, makes a shop with a category, a product and its stock there, payments at both
# gateways of a simulator (`payments.py`), a plan and an operator of the platform, drops what older generations have left, and is stopped. `made.json` says which shop; the folder
# `gateways` is what these know. Run it with the binary of the commit before one that changes records, tables or folds.
set -euo pipefail
binary=$(realpath "$1") before=$(realpath "$2") made=$(realpath -m "$3") subdomain=$4
folder=$(mktemp -d)
here=$(realpath "$(dirname "$0")")
trap 'for one in ${process-} ${simulator-}; do kill "$one" 2>/dev/null || true; done; rm -rf "$folder"' EXIT
cd "$folder"
tar -xzf "$before" && rm -f data/log/pid

"$binary" simulate-gateway --listen 127.0.0.1:0 --data data/gateways > gateways 2> log &
simulator=$!
for _ in $(seq 100); do
  gateways=$(sed -n 's|.*"address":"\(http://[^"]*\)".*|\1|p' gateways)
  [ -n "$gateways" ] && break
  sleep 0.1
done
export FEIRA_GATEWAYS_ADDRESSES="pagarme=$gateways/core/v5;stripe=$gateways/v1"

export FEIRA_DATA=$folder/data FEIRA_LISTEN=127.0.0.1:0 FEIRA_PARTITIONS=4 FEIRA_FETCH_IMAGES=false
export FEIRA_OPERATOR_TOKEN=0123456789abcdef0123456789abcdef
"$binary" dev --no-demo > greeting 2> log &
process=$!
for _ in $(seq 600); do
  FEIRA_URL=$(sed -n 's|^Feira is ready: \(http://localhost:[0-9]*\).*|\1|p' greeting)
  [ -n "$FEIRA_URL" ] && curl --noproxy '*' -fs "$FEIRA_URL/readyz" > ready && break
  kill -0 "$process" || { cat log >&2; exit 1; }
  sleep 0.2
done
export FEIRA_URL
[ -s ready ] || { cat log >&2; exit 1; }

token=$("$binary" tenant create --subdomain "$subdomain" --name "Loja $subdomain" | tee created | grep -o 'feira_[0-9a-zA-Z_-]*' | head -n 1)
ask() { # METHOD PATH BODY
  curl --noproxy '*' -fsS -X "$1" -H "authorization: Bearer $token" -H 'content-type: application/json' \
    -H "host: $subdomain.localhost" "$FEIRA_URL/api/admin/v1$2" -d "$3"
}
category=$(ask POST /categories '{"name": "Tudo"}')
product=$(ask POST /products '{"name": "Cesta de '"$subdomain"'", "status": "published", "variants": [{"price": {"amount": 4990, "currency": "BRL"}, "stock": 3}]}')
# The platform's own: a plan, and somebody of its staff.
plan=$(curl --noproxy '*' -fsS -X POST -H "authorization: Bearer $FEIRA_OPERATOR_TOKEN" -H 'content-type: application/json' \
  -H "idempotency-key: plan-of-$subdomain" "$FEIRA_URL/api/operator/v1/plans" \
  -d '{"name": "Plano '"$subdomain"'", "price": {"amount": 4990, "currency": "BRL"}, "months": 1, "limits": {"products": 100}, "methods": ["pix", "boleto"]}')
"$binary" operator invite "operadora@$subdomain.example" > /dev/null
payments=$(python3 "$here/payments.py" "$FEIRA_URL" "$subdomain.localhost" "$token" "$gateways")
"$binary" generations drop > /dev/null
sleep 2 # Shards commit and views keep their positions.
kill -TERM "$process" && wait "$process" && process=
kill "$simulator" && { wait "$simulator" || true; } && simulator= # What it has answered is on the disk.
tenant=$(awk '$1 == "tenant" { print $2 }' created)
rm data/credentials.json
printf '{"at": %s, "tenant_id": "%s", "subdomain": "%s", "admin_token": "%s", "category": %s, "product": %s, "payments": %s, "plan": %s}\n' \
  "$(date +%s%6N)" "$tenant" "$subdomain" "$token" "$category" "$product" "$payments" "$plan" > data/made.json
tar --sort=name --owner=0 --group=0 --numeric-owner -czf "$made" data
