"""The tree keeps its shape: imports, migrations, requirements, no machine's paths."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.repo.sources import ROOT, python_files, text_of, tracked_files

PINNED = re.compile(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[0-9][0-9A-Za-z.]*\s+# \S.*")
MACHINE_PATHS = re.compile(r"(?<![\w.~:/}-])/(?:work|home|root|opt|Users)/\w")


def test_import_contracts_hold() -> None:
    """In a process of its own, for the linter sets up logging anew and other tests listen to theirs."""
    linter = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_category_rules_know_of_django_only_how_to_translate() -> None:
    imported = {
        name
        for path, tree in python_files("banking")
        if path.parts[1] == "categories"
        for node in ast.walk(tree)
        for name in _imported_modules(node)
    }
    assert imported, "no category rules were found"
    assert {name for name in imported if name.startswith("django")} <= {
        "django.utils.functional",
        "django.utils.text",
        "django.utils.translation",
    }


def _imported_modules(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=str(module)):
            return [module]
    return []


def test_nothing_is_imported_inside_a_function() -> None:
    hidden = [
        f"{path}:{node.lineno}"
        for path, tree in python_files("financehub", "banking", "analytics", "sandbox")
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and function.name != "ready"
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_every_module_says_its_place() -> None:
    silent = [
        str(path)
        for path, tree in python_files("financehub", "banking", "analytics", "sandbox", "bench")
        if tree.body and "migrations" not in path.parts and path.name not in {"__init__.py", "apps.py"}
        if not ast.get_docstring(tree)
    ]
    assert silent == []


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_pinned_and_say_what_they_are_for(name: str) -> None:
    lines = text_of(Path(name)).splitlines()
    loose = [line for line in lines if not PINNED.fullmatch(line) and not line.startswith(("#", "-r "))]
    assert loose == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = [
        f"{path}: {match.group()}"
        for path in tracked_files()
        for match in MACHINE_PATHS.finditer(text_of(path))
        if path != Path(__file__).relative_to(ROOT)
    ]
    assert found == []


def test_no_large_file_and_no_cache_is_kept() -> None:
    kept = [
        str(path)
        for path in tracked_files()
        if (ROOT / path).stat().st_size > 1_000_000 or path.suffix in {".pyc", ".sqlite3"}
    ]
    assert kept == []
