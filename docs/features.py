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

PROGRAM = re.compile(r"^ +Running (?:unittests )?(\S+) \(", re.MULTILINE)
RESULT = re.compile(r"^test (.+) \.\.\. (\w+)", re.MULTILINE)
PRINTED = re.compile(r"^---- (\S+) stdout ----\n(.*)$", re.MULTILINE)
SUMMARY = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored", re.MULTILINE)
NUMBERED = re.compile(r"^[sf]\d+_")
ROWS = re.compile(r"^(?:[sf](?:0[1-9]|[1-9]\d+)_)+(?![sf]\d+_)")
ROW = re.compile(r"^\| ([SF]\d+) \|")
COUNT = re.compile(r"^\d+ of \d+ rows have a test", re.MULTILINE)


def passed(outputs):
    """The numbered tests that passed and did not skip, and those that skipped, each by its program and its path of modules."""
    ran, skipped, failed = set(), set(), set()
    for program, output in programs(outputs):
        results = RESULT.findall(output)
        counted = sum(int(number) for summary in SUMMARY.findall(output) for number in summary)
        # Something that writes past the test harness can tear a line; rather no table than one that lacks a test.
        if len(results) != counted:
            sys.exit(f"an output names {len(results)} results and counts {counted}: it is torn, run the tests again")
        skips = {path for path, first in PRINTED.findall(output) if first.startswith("skipped: ")}
        for path, result in results:
            path = path.removesuffix(" - should panic")
            if NUMBERED.match(path.split("::")[-1]):
                kinds = {"ok": skipped if path in skips else ran, "FAILED": failed}
                kinds.get(result, set()).add((program, path))
    return ran - failed, skipped - ran - failed


def programs(outputs):
    """What each test program printed, by the file that cargo names it by."""
    for output in outputs:
        _, *parts = PROGRAM.split(output)
        yield from zip(parts[::2], parts[1::2])


def sources():
    """The files in which a numbered function stands, by its name."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.rs"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )
    found = {}
    for file in listed.stdout.splitlines():
        if (ROOT / file).is_file():
            for name in re.findall(r"\bfn ([sf]\d+_\w+)\(", (ROOT / file).read_text()):
                found.setdefault(name, []).append(file)
    return found


def file_of(program, path, sources):
    """The file of a test: the one of its program with a function of its name whose place fits its path of modules."""
    *modules, name = path.split("::")
    modules = [module for module in modules if module != "tests"]
    folder = f"/{Path(program).parent}/"

    def fits(file):
        # A file right in `tests` is a test program of its own.
        if folder == "/tests/":
            return f"/{file}".endswith(f"/{program}")
        _, within, place = f"/{file}".rpartition(folder)
        places = [part for part in Path(place).with_suffix("").parts if part not in ("mod", "main", "lib", "tests")]
        return within and places == modules

    files = [file for file in sources.get(name, []) if fits(file)]
    if len(files) != 1:
        sys.exit(f"{path} stands in {files or 'no file'}: a test that proves a row is found by its name")
    return files[0]


def rows(name):
    """The rows that a test's name begins with."""
    numbers = ROWS.match(name)
    if not numbers:
        sys.exit(f"{name}: numbers of rows stand first, with at least two digits each, as in s38_f06_…")
    return [f"{row[0].upper()}{int(row[1:])}" for row in numbers.group().rstrip("_").split("_")]


def proofs(table, outputs):
    """Each row's cell: its tests with their files."""
    functions = sources()
    cells = {match.group(1): [] for line in table.splitlines() if (match := ROW.match(line))}
    ran, skipped = passed(outputs)
    for program, path in ran | skipped:
        file, name = file_of(program, path, functions), path.split("::")[-1]
        cell = f"[{file}](../{file}) `{name}`"
        if (program, path) in skipped and cell not in table:
            continue
        for row in rows(name):
            if row not in cells:
                sys.exit(f"{name}: there is no row {row}")
            cells[row].append(cell)
    return {row: sorted(tests) for row, tests in cells.items()}


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
