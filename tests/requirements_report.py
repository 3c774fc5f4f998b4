"""`make requirements`: each rule of the published terms, and the tests that name it.

A test names a rule by its ID in its docstring, its name or a comment (`H-075`, or `H-120 to H-123` for all of them); a
module's docstring speaks for the whole file. A starred rule that no test names must stand in
docs/requirements-open.md with what is missing, else the exit status is 1. Rules W-.. are those of the operator's web
shop, another contract: which of them tests name is shown, none is asked for.
"""
from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
TERMS = ROOT.parent / "shared" / "REQUIREMENTS.md"
OPEN = ROOT / "docs" / "requirements-open.md"
FAMILIES = "HWXY"
ONLY_SHOWN = "W"
_ROW = re.compile(rf"^\|\s*([{FAMILIES}]-\d{{2,3}})\s*\|(.*)\|\s*$")
_RANGE = re.compile(rf"\b([{FAMILIES}])-(\d{{2,3}})(?:\s*(?:to|\.\.|-|–)\s*(?:([{FAMILIES}])-)(\d{{2,3}}))?")
MOST_SHOWN = 3


@dataclass
class Rule:
    """A row of the terms: `starred` ones must be proven; `tests` name it."""

    id: str
    text: str
    starred: bool
    tests: list[str] = field(default_factory=list)


def rules(text: str) -> dict[str, Rule]:
    """The rows of the requirement tables, in their order."""
    found: dict[str, Rule] = {}
    for line in text.splitlines():
        row = _ROW.match(line)
        if row is not None:
            cells = [cell.strip() for cell in row[2].split("|")]
            words = cells[1] if len(cells) > 2 or row[1][0] in "HW" else cells[0]
            starred = "★" in row[2] and row[1][0] not in ONLY_SHOWN
            found[row[1]] = Rule(row[1], re.sub(r"[*★]", "", words).strip(), starred)
    return found


def named_in(text: str) -> set[str]:
    """The rule IDs in a text, ranges spelled out."""
    found: set[str] = set()
    for family, first, other, last in _RANGE.findall(text):
        end = int(last) if last and other == family else int(first)
        found |= {f"{family}-{number:0{len(first)}d}" for number in range(int(first), end + 1)}
    return found


def tests_of(path: Path) -> Iterator[tuple[str, str]]:
    """(name, text) of each test in a file, and of the file itself by its docstring."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    where = str(path.relative_to(ROOT))
    yield where, ast.get_docstring(tree) or ""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name.lower().startswith("test"):
            decorators = " ".join(ast.get_source_segment(source, mark) or "" for mark in node.decorator_list)
            yield f"{where}::{node.name}", f"{decorators} {ast.get_source_segment(source, node) or ''}"


def open_rules(text: str) -> set[str]:
    """The rules of which the list of open ones says what is missing: lines like `- H-103: ...`."""
    return {line[2:].split(":")[0].strip() for line in text.splitlines() if re.match(r"- [A-Z]-\d+: \S", line)}


def main() -> int:
    """Print the report; 0 when every starred rule is proven or told to be open."""
    if not TERMS.exists():
        print(f"skipped: {TERMS} is not there")
        return 0
    found = rules(TERMS.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, text in tests_of(path):
            for rule_id in named_in(text) & found.keys():
                found[rule_id].tests.append(name)
    told = open_rules(OPEN.read_text(encoding="utf-8")) if OPEN.exists() else set()
    for rule in found.values():
        star = "*" if rule.starred else " "
        unproven = "web shop's" if rule.id[0] in ONLY_SHOWN else "NO TEST" if rule.starred else "no test"
        proof = "open" if rule.id in told else "" if rule.tests else unproven
        print(f"{rule.id:<6}{star} {rule.text[:90]:<90} {proof}")
        for name in sorted(rule.tests, key=lambda name: "::" not in name)[:MOST_SHOWN]:
            print(f"         {name}")
        if len(rule.tests) > MOST_SHOWN:
            print(f"         and {len(rule.tests) - MOST_SHOWN} more")
    missing = [rule.id for rule in found.values() if rule.starred and not rule.tests and rule.id not in told]
    stale = sorted(told - found.keys())
    starred = sum(rule.starred for rule in found.values())
    print(f"\n{len(found)} rules, {starred} of them starred; {len(told)} told to be open; "
          f"without a test: {', '.join(missing) or 'none'}")
    if stale:
        print(f"docs/requirements-open.md names rules that do not exist: {', '.join(stale)}")
    return 1 if missing or stale else 0


if __name__ == "__main__":
    sys.exit(main())
