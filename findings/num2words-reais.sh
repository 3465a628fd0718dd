#!/usr/bin/env bash
# Behaviour: `to="currency"` reads an integer as cents in most languages and as whole reais in Brazilian Portuguese.
#   The same 1500 is "quinze euros" in pt and "mil e quinhentos reais" in pt_BR. A decimal is never divided.
# Versions: num2words 0.5.14.
# Source: `parse_currency_parts` in num2words/currency.py takes an integer as cents unless told otherwise;
#   lang_PT_BR.py has a `to_currency` of its own, which formats the value with "%.2f". The README says neither.
# Guess before running: integers are cents in pt_BR as in the other languages, so 1500 is "quinze reais".
# Seen: en, es and pt divide an integer by 100, pt_BR does not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/python"
"$folder/python/bin/pip" install --quiet --disable-pip-version-check num2words==0.5.14
seen=$("$folder/python/bin/python" - <<'PYTHON'
from decimal import Decimal

from num2words import num2words

for language in "en", "es", "pt", "pt_BR":
    whole, decimal = (num2words(value, lang=language, to="currency") for value in (1500, Decimal("1500.00")))
    print(f"{language}: 1500 is {'the same as' if whole == decimal else 'not'} 1500.00")
print(num2words(1500, lang="pt", to="currency"), "|", num2words(1500, lang="pt_BR", to="currency"))
PYTHON
)
echo "$seen"
[[ $seen == "en: 1500 is not 1500.00
es: 1500 is not 1500.00
pt: 1500 is not 1500.00
pt_BR: 1500 is the same as 1500.00
quinze euros | mil e quinhentos reais" ]]
