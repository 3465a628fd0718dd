#!/usr/bin/env bash
# Behaviour: an installment by the price table that is exactly half a centavo comes out below the half, and is rounded down: by
#   numpy-financial's `pmt` in floats, and in decimals of 50 digits too, where the formula divides by 1 − (1 + i)^−n. The same
#   decimals that multiply by (1 + i)^n first, and whole numbers, are exact.
# Versions: numpy-financial 1.0.0, numpy 2.3.3.
# Source: https://numpy.org/numpy-financial/latest/pmt.html; Python's decimal, whose power and quotient are rounded to its precision.
# Guess before running: fifty digits are enough for any amount in centavos.
# Seen: R$ 4.120,50 in 2 at 1 % a month is R$ 2.091,205 each. Floats and the quotient in decimals say 2.091,20, whole numbers 2.091,21.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/python"
"$folder/python/bin/pip" install --quiet --disable-pip-version-check numpy-financial==1.0.0 numpy==2.3.3
seen=$("$folder/python/bin/python" - <<'PYTHON'
from decimal import ROUND_HALF_UP, Decimal, getcontext
from fractions import Fraction

import numpy_financial

getcontext().prec = 50
total, count = 412050, 2
rate = Decimal("0.01")


def half_up(value):
    return value.quantize(Decimal(1), rounding=ROUND_HALF_UP)


by_float = Decimal(float(-numpy_financial.pmt(0.01, count, total)))
divided = total * rate / (1 - (1 + rate) ** -count)
multiplied = total * rate * (1 + rate) ** count / ((1 + rate) ** count - 1)
grown = Fraction(101, 100) ** count
exact = total * Fraction(1, 100) * grown / (grown - 1)
print(f"numpy-financial: {half_up(by_float)}")
print(f"decimal, divided: {half_up(divided)}")
print(f"decimal, multiplied first: {half_up(multiplied)}")
print(f"exact: {exact}")
PYTHON
)
echo "$seen"
[[ $seen == "numpy-financial: 209120
decimal, divided: 209120
decimal, multiplied first: 209121
exact: 418241/2" ]]
