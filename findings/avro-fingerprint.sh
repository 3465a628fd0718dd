#!/usr/bin/env bash
# Behaviour: crate apache-avro gives a schema with a timestamp, a decimal or an `order` another fingerprint than fastavro
#   and avsc do. So a schema cannot be looked up across languages by its fingerprint.
# Versions: crate apache-avro 0.22.0 with md-5 0.11.0, PyPI fastavro 1.13.1, npm avsc 5.7.9.
# Source: Avro's specification, "Parsing Canonical Form": only type, name, fields, symbols, items, values and size stay.
#   apache-avro's docs of `canonical_form` refer to it. It keeps precision, scale and order, and writes {"type":"long"}
#   where the other two write "long" (apache/avro-rs#61 reads the order of the rules so).
# Guess before running: the MD5 fingerprints of all three agree.
# Seen: they agree on a plain long alone; fastavro and avsc agree on all four schemas.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >schemas <<'SCHEMAS'
{"type": "record", "name": "Sale", "fields": [{"name": "at", "type": "long"}]}
{"type": "record", "name": "Sale", "fields": [{"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}}]}
{"type": "record", "name": "Sale", "fields": [{"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}}]}
{"type": "record", "name": "Sale", "fields": [{"name": "sku", "type": "string", "order": "ignore"}]}
SCHEMAS
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "fingerprint"
version = "0.0.0"
edition = "2021"

[dependencies]
apache-avro = { version = "=0.22.0", default-features = false }
md-5 = "=0.11.0"

[workspace]
TOML
cat >src/main.rs <<'RUST'
use apache_avro::Schema;
use md5::Md5;

fn main() {
    for line in std::io::stdin().lines() {
        println!("{}", Schema::parse_str(&line.unwrap()).unwrap().fingerprint::<Md5>());
    }
}
RUST
CARGO_TARGET_DIR=$folder/target cargo run --quiet <schemas >rust

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check fastavro==1.13.1
python/bin/python - >fastavro <<'PYTHON'
import json

from fastavro.schema import fingerprint, to_parsing_canonical_form

for line in open("schemas"):
    print(fingerprint(to_parsing_canonical_form(json.loads(line)), "MD5"))
PYTHON

echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts avsc@5.7.9
node - >avsc <<'NODE'
const { readFileSync } = require("fs");
const { Type } = require("avsc");

for (const line of readFileSync("schemas", "utf8").trim().split("\n")) {
  console.log(Type.forSchema(JSON.parse(line)).fingerprint("md5").toString("hex"));
}
NODE

seen=$(paste -d " " rust fastavro avsc | while read -r rust python node; do
    echo "fastavro = avsc: $([[ $python == "$node" ]] && echo yes || echo no), apache-avro = fastavro: $([[ $rust == "$python" ]] && echo yes || echo no)"
done | paste -d " " <(printf '%s\n' plain: timestamp: decimal: order:) -)
echo "$seen"
[[ $seen == "plain: fastavro = avsc: yes, apache-avro = fastavro: yes
timestamp: fastavro = avsc: yes, apache-avro = fastavro: no
decimal: fastavro = avsc: yes, apache-avro = fastavro: no
order: fastavro = avsc: yes, apache-avro = fastavro: no" ]]
