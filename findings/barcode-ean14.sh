#!/usr/bin/env bash
# Behaviour: python-barcode's `ean14` takes a right GTIN-14 and draws an EAN-13 with a 14th digit added, of 102 modules.
#   No symbol has that shape and a reader finds nothing. `itf` draws the same number so that it is read.
# Versions: python-barcode 0.16.1, pillow 13.0.0, zxing-cpp 3.1.1.
# Source: `PROVIDED_BARCODES` lists `ean14`, also as `gtin`. In barcode/ean.py EuropeanArticleNumber14 changes only the
#   count of digits and the checksum; `build` is EAN-13's. The maintainer sends users to it (WhyNotHugo/python-barcode#103).
# Guess before running: `ean14` draws ITF-14 or GS1-128, and the reader gives the 14 digits back.
# Seen: nothing read from `ean14`; the 14 digits from `itf`; the 13 digits from `ean13`, drawn the same way.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/python"
"$folder/python/bin/pip" install --quiet --disable-pip-version-check python-barcode==0.16.1 pillow==13.0.0 zxing-cpp==3.1.1
seen=$("$folder/python/bin/python" - <<'PYTHON'
import barcode
import zxingcpp
from barcode.writer import ImageWriter

for kind, number in ("ean14", "17891234567892"), ("itf", "17891234567892"), ("ean13", "7891234567895"):
    code = barcode.get(kind, number, writer=ImageWriter())
    assert code.get_fullcode() == number
    image = code.render({"write_text": False}).convert("L")
    read = [result.text for result in zxingcpp.read_barcodes(image)]
    print(f"{kind} {number}: {len(''.join(code.build()))} modules, read {read}")
PYTHON
)
echo "$seen"
[[ $seen == "ean14 17891234567892: 102 modules, read []
itf 17891234567892: 241 modules, read ['17891234567892']
ean13 7891234567895: 95 modules, read ['7891234567895']" ]]
