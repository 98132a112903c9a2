"""What the repository tests look at: the tracked files, and Python as syntax trees."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITE = ("financehub", "banking", "analytics", "budgeting", "banker")


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that git keeps, as a path from the root."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    return tuple(Path(name) for name in listed.decode().split("\0") if name and (ROOT / name).exists())


def text_of(path: Path) -> str:
    """A tracked file's text; empty for pictures and the like."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def python_files(*tops: str) -> Iterator[tuple[Path, ast.Module]]:
    """The tracked Python files under some top-level folders, parsed."""
    for path in tracked_files():
        if path.suffix == ".py" and path.parts[0] in tops:
            yield path, _parsed(path)


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(text_of(path), filename=str(path))


def called_name(call: ast.Call) -> str:
    """The last part of what a call calls: `mark_safe`, `compile`."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
