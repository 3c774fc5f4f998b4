"""`make requirements` finds the rules, their tests, and what nobody proved."""
from __future__ import annotations

from pathlib import Path

import pytest

from tests import requirements_report as report

TABLE = """| ID | Slovene phrase | English reading | Kind |
|---|---|---|---|
| H-901 | »jeklenka« | A starred **rule** ★ | P |
| H-902 | »plin« | Another one | P |
| W-901 | »koda« | One code ★ | P |
| X-901 | A question | An answer | |
"""


def test_rows_are_read_with_their_stars() -> None:
    found = report.rules(TABLE)
    assert [(rule.id, rule.text, rule.starred) for rule in found.values()] == [
        ("H-901", "A starred rule", True), ("H-902", "Another one", False), ("W-901", "One code", False),
        ("X-901", "An answer", False)]


def test_a_range_names_every_rule_in_it() -> None:
    assert report.named_in("H-001 to H-003, X-27; Y-01..Y-02 and H-120-H-121") == {
        "H-001", "H-002", "H-003", "X-27", "Y-01", "Y-02", "H-120", "H-121"}


@pytest.mark.parametrize(("told", "status"), [("", 1), ("- H-901: comes later\n", 0), ("- H-901:\n", 1),
                                              ("- H-901: later\n- H-999: what is that\n", 1)])
def test_a_starred_rule_without_a_test_fails_unless_it_is_told(
        monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], told: str, status: int,
) -> None:
    (tmp_path / "TERMS.md").write_text(TABLE, encoding="utf-8")
    (tmp_path / "open.md").write_text(told, encoding="utf-8")
    (tmp_path / "tests").mkdir()
    for name, path in (("ROOT", tmp_path), ("TERMS", tmp_path / "TERMS.md"), ("OPEN", tmp_path / "open.md")):
        monkeypatch.setattr(report, name, path)
    assert report.main() == status
    assert "H-901" in capsys.readouterr().out
