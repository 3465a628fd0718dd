#!/usr/bin/env python3
"""Writes into FEATURES.md which tests prove each row: those that carry its number and were seen to pass.

    cargo test --workspace -- --show-output | tee OUTPUT
    docs/features.py OUTPUT…          rewrites FEATURES.md
    docs/features.py --check OUTPUT…  fails if that would change it

A test proves the rows its name begins with, in at least two digits each: `s38_…`, `f06_s53_…`. Outputs are of a whole run, or of
several that together are one, such as without services and with them. A test that failed or was ignored counts for nothing. One
that printed `skipped: …` (hence --show-output) and ran in no other output stays as FEATURES.md has it.

Texts and the column "still open" are written by hand, in FEATURES.md itself.
"""

import difflib
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "FEATURES.md"
STALE = "docs/FEATURES.md is stale: run docs/features.py {} and commit it"

RESULT = re.compile(r"^test (.+) \.\.\. (\w+)", re.MULTILINE)
PRINTED = re.compile(r"^---- (\S+) stdout ----\n(.*)$", re.MULTILINE)
SUMMARY = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored", re.MULTILINE)
NUMBERED = re.compile(r"^[sf]\d+_")
ROWS = re.compile(r"^(?:[sf](?:0[1-9]|[1-9]\d+)_)+(?![sf]\d+_)")
ROW = re.compile(r"^\| ([SF]\d+) \|")
COUNT = re.compile(r"^\d+ of \d+ rows have a test", re.MULTILINE)


def passed(outputs):
    """The names of numbered tests that passed and did not skip, and of those that skipped."""
    ran, skipped, failed = set(), set(), set()
    for output in outputs:
        results = RESULT.findall(output)
        counted = sum(int(number) for summary in SUMMARY.findall(output) for number in summary)
        # Something that writes past the test harness can tear a line; rather no table than one that lacks a test.
        if len(results) < counted:
            sys.exit(f"an output names {len(results)} results and counts {counted}: it is torn, run the tests again")
        skips = {path.split("::")[-1] for path, first in PRINTED.findall(output) if first.startswith("skipped: ")}
        for path, result in results:
            name = path.split("::")[-1].split(" ")[0]
            if NUMBERED.match(name):
                kind = skipped if name in skips else ran
                (kind if result == "ok" else failed if result == "FAILED" else set()).add(name)
    return ran - failed, skipped - ran - failed


def files(names):
    """The file in which each of these tests stands."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.rs"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )
    found = {}
    for path in listed.stdout.splitlines():
        if (ROOT / path).is_file():
            for name in re.findall(r"\bfn (\w+)\(", (ROOT / path).read_text()):
                if name in names:
                    found.setdefault(name, []).append(path)
    for name in names:
        if len(found.get(name, [])) != 1:
            sys.exit(f"{name} stands in {found.get(name, 'no file')}: a test that proves a row has a name of its own")
    return {name: paths[0] for name, paths in found.items()}


def rows(name):
    """The rows that a test's name begins with."""
    numbers = ROWS.match(name)
    if not numbers:
        sys.exit(f"{name}: numbers of rows stand first, with at least two digits each, as in s38_f06_…")
    return [f"{row[0].upper()}{int(row[1:])}" for row in numbers.group().rstrip("_").split("_")]


def proofs(table, outputs):
    """Each row's cell: its tests with their files."""
    ran, skipped = passed(outputs)
    ran |= {name for name in skipped if f"`{name}`" in table}
    where = files(ran)
    known = {match.group(1) for line in table.splitlines() if (match := ROW.match(line))}
    cells = {row: [] for row in known}
    for name in sorted(ran, key=lambda name: (where[name], name)):
        for row in rows(name):
            if row not in known:
                sys.exit(f"{name}: there is no row {row}")
            cells[row].append(f"[{where[name]}](../{where[name]}) `{name}`")
    return cells


def rewritten(table, outputs):
    """The table with its tests as these outputs have them."""
    cells = proofs(table, outputs)
    lines = []
    for line in table.splitlines():
        if row := ROW.match(line):
            columns = line.split(" | ")
            columns[3] = "<br>".join(cells[row.group(1)]) or "no test yet"
            line = " | ".join(columns)
        lines.append(line)
    having = sum(1 for tests in cells.values() if tests)
    return COUNT.sub(f"{having} of {len(cells)} rows have a test", "\n".join(lines) + "\n")


def main():
    arguments = sys.argv[1:]
    check = arguments[:1] == ["--check"]
    outputs = arguments[1:] if check else arguments
    if not outputs or outputs[0].startswith("-"):
        sys.exit(__doc__)
    before = TABLE.read_text()
    after = rewritten(before, [Path(output).read_text(errors="replace") for output in outputs])
    if not check:
        TABLE.write_text(after)
    elif after != before:
        difference = difflib.unified_diff(before.splitlines(), after.splitlines(), "committed", "run", n=0, lineterm="")
        print("\n".join(difference))
        sys.exit(STALE.format(" ".join(outputs)))


if __name__ == "__main__":
    main()
