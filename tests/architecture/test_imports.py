"""Who may import whom: the house has one direction."""
from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY_IMPORT = {
    "core": set(),
    "routing": set(),
    "notify": {"core"},
    "accounts": {"core", "notify"},
    "promos": {"core", "notify", "accounts"},
    "billing": {"core", "notify", "accounts"},
    "orders": {"core", "notify", "accounts", "promos", "billing"},
    "delivery": {"core", "notify", "accounts", "billing", "orders", "routing"},
    "demo": {"core", "notify", "accounts", "promos", "billing", "orders", "delivery", "routing"},
}
OURS = set(MAY_IMPORT) | {"app", "api"}
PURE = ("states.py", "rules.py", "pricing.py", "settlement.py")
IMPURE_MODULES = ("flask", "core.db", "core.clock", "sqlalchemy")
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "misc.py"}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    allowed = MAY_IMPORT[package] | {package}
    wrong = {(str(path.relative_to(ROOT)), name) for path in modules(package) for name in imported(path)
             if name.split(".")[0] in OURS - allowed}
    assert wrong == set()


def test_nothing_is_imported_inside_functions_outside_app() -> None:
    wrong = []
    for package in MAY_IMPORT:
        for path in modules(package):
            for function in ast.walk(ast.parse(path.read_text())):
                if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    wrong += [f"{path.relative_to(ROOT)}:{node.lineno}" for node in ast.walk(function)
                              if isinstance(node, (ast.Import, ast.ImportFrom))]
    allowed = {line for line in wrong if line.startswith("routing/pool.py")}  # the child process loads the solver
    assert set(wrong) - allowed == set()


def test_pure_modules_know_no_framework_no_database_and_no_clock() -> None:
    wrong = {(str(path.relative_to(ROOT)), name) for package in MAY_IMPORT if package != "core"
             for path in modules(package) if path.name in PURE
             for name in imported(path) if name.startswith(IMPURE_MODULES) and not name.startswith("flask_babel")}
    assert wrong == set()


def test_routing_knows_no_framework_at_all() -> None:
    wrong = {(str(path.relative_to(ROOT)), name) for path in modules("routing") for name in imported(path)
             if name.split(".")[0] in {"flask", "flask_babel", "sqlalchemy", "flask_sqlalchemy"}}
    assert wrong == set()


def test_ortools_is_loaded_by_the_search_only() -> None:
    users = {str(path.relative_to(ROOT).parent) for package in MAY_IMPORT for path in modules(package)
             if any(name.split(".")[0] == "ortools" for name in imported(path))}
    assert users == {"routing/search"}


def test_only_the_solver_process_loads_the_search() -> None:
    users = {str(path.relative_to(ROOT)) for package in MAY_IMPORT for path in modules(package)
             if path.parent.name != "search" and any(name.startswith("routing.search") for name in imported(path))}
    assert users == {"routing/solver.py"}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [str(path) for package in MAY_IMPORT for path in modules(package) if path.name in FORBIDDEN_NAMES] == []


def test_services_neither_commit_nor_open_a_unit_of_work() -> None:
    wrong = []
    for package in MAY_IMPORT:
        for path in modules(package):
            if path.name in ("services.py", "queries.py", "ledger.py"):
                text = path.read_text()
                if "session.commit(" in text or "with unit_of_work" in text:
                    wrong.append(str(path.relative_to(ROOT)))
    assert wrong == []
