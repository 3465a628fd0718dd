#!/usr/bin/env bash
# Behaviour: `parseCurrency` divides a price without a separator by 100, and does not divide one with a thousands
#   separator. "R$ 999" is 9.99 and "R$ 1.000" is 1000. `formatCurrency` of the same package reads "999" as 999.
# Versions: npm @brazilian-utils/brazilian-utils 2.4.0.
# Source: the comments in dist/parse-currency.d.ts and dist/format-currency.d.ts state both rules.
# Guess before running: "R$ 10" is 10, as "10,0" and "1.234" are 10 and 1234.
# Seen: 0.1. What `formatCurrency(10, { precision: 0 })` writes is read back as 0.1.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts @brazilian-utils/brazilian-utils@2.4.0
seen=$(node - <<'NODE'
const { formatCurrency, parseCurrency } = require("@brazilian-utils/brazilian-utils");

for (const price of ["R$ 10", "R$ 999", "R$ 1.000", "R$ 10,0"]) console.log(`${price}: ${parseCurrency(price)}`);
console.log(`"999" parsed: ${parseCurrency("999")}, formatted: ${formatCurrency("999")}`);
console.log(`10 there and back: ${parseCurrency(formatCurrency(10, { precision: 0 }))}`);
NODE
)
echo "$seen"
# shellcheck disable=SC2016
[[ $seen == 'R$ 10: 0.1
R$ 999: 9.99
R$ 1.000: 1000
R$ 10,0: 10
"999" parsed: 9.99, formatted: 999,00
10 there and back: 0.1' ]]
