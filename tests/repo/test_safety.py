"""What could open a hole stands in short lists that a reader can check."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.repo.sources import SITE, called_name, python_files, text_of, tracked_files

MARKUP_MAKERS = {"mark_safe", "SafeString", "SafeText", "html_safe"}
DOORS_WITHOUT_CSRF = {"csrf_exempt", "requires_csrf_token"}
MARKUP_IS_MADE_IN = {
    "financehub/charts.py",
    "financehub/formats.py",
    "financehub/templatetags/dates.py",
    "financehub/templatetags/money.py",
    "financehub/templatetags/ui.py",
}
RAW_SQL_IS_WRITTEN_IN = {
    "banking/queries/search.py",
    "banking/search_index.py",
    "banking/sync/store.py",
}


def _calls(*names: str) -> Iterator[tuple[Path, ast.Call]]:
    for path, tree in python_files(*SITE):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and called_name(node) in names:
                yield path, node


def _mentions(names: set[str]) -> Counter[str]:
    return Counter(
        path.as_posix()
        for path, tree in python_files(*SITE)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id in names)
        or (isinstance(node, ast.Attribute) and node.attr in names)
    )


def test_markup_is_called_safe_only_where_formats_are_made() -> None:
    calls = {path.as_posix() for path, _ in _calls(*MARKUP_MAKERS)}
    assert calls <= MARKUP_IS_MADE_IN


def test_templates_escape_everything() -> None:
    unescaped = re.compile(r"\|\s*safe(seq)?\b|autoescape\s+off")
    found = [
        path.as_posix()
        for path in tracked_files()
        if path.parts[0] == "templates" and unescaped.search(text_of(path))
    ]
    assert found == []


def test_templates_hold_no_inline_script_handler_or_style_sheet() -> None:
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE
    )
    found = [
        f"{path}: {match.group()}"
        for path in tracked_files()
        if path.suffix == ".html" and path.parts[0] == "templates"
        for match in inline.finditer(text_of(path))
    ]
    assert found == []


def test_every_form_that_posts_carries_a_token() -> None:
    posts = re.compile(r"<form\b[^>]*method=[\"']post[\"'][^>]*>(.*?)</form>", re.IGNORECASE | re.DOTALL)
    bare = [
        path.as_posix()
        for path in tracked_files()
        if path.suffix == ".html" and path.parts[0] == "templates"
        for body in posts.findall(text_of(path))
        if "csrf_token" not in body
    ]
    assert bare == []


def test_no_view_gives_up_the_csrf_check() -> None:
    assert _mentions(DOORS_WITHOUT_CSRF) == {}


def test_patterns_are_written_down_and_never_come_from_people() -> None:
    built = [
        f"{path}:{call.lineno}"
        for path, call in _calls("compile", "match", "fullmatch", "search", "finditer", "findall")
        if _belongs_to(call, "re") and not _is_written_down(call.args[0])
    ]
    assert built == []


def _is_written_down(pattern: ast.expr) -> bool:
    """A text of the source; in f-strings only constants and `re.escape(…)` are filled in."""
    match pattern:
        case ast.Constant():
            return True
        case ast.JoinedStr(values=parts):
            return all(
                isinstance(part, ast.Constant)
                or (isinstance(part, ast.FormattedValue) and _is_constant_or_escaped(part.value))
                for part in parts
            )
        case ast.Call(func=ast.Attribute(value=text, attr="encode"), args=[]):
            return _is_written_down(text)
        case ast.BinOp(left=left, right=right):
            return _is_written_down(left) and _is_written_down(right)
    return False


def _is_constant_or_escaped(value: ast.expr) -> bool:
    if isinstance(value, ast.Name):
        return value.id.isupper()
    return isinstance(value, ast.Call) and called_name(value) == "escape"


def test_sql_is_written_by_hand_only_where_it_must() -> None:
    raw = {path.as_posix() for path, _ in _calls("raw", "RawSQL", "executemany", "extra", "cursor")}
    assert {path for path in raw if "/migrations/" not in path} <= RAW_SQL_IS_WRITTEN_IN


def test_nothing_dangerous_is_deserialised_or_run() -> None:
    found = [
        f"{path}:{call.lineno} {called_name(call)}"
        for path, call in _calls("eval", "exec", "system", "popen", "Popen", "loads", "load", "check_output")
        if not (called_name(call) in {"loads", "load"} and _belongs_to(call, "json"))
    ]
    assert found == []


def _belongs_to(call: ast.Call, module: str) -> bool:
    match call.func:
        case ast.Attribute(value=ast.Name(id=name)):
            return name == module
    return False


def test_no_float_touches_money() -> None:
    """`float(` may stand where a picture is drawn and where a bank says how many seconds to wait."""
    allowed = {"financehub/charts.py", "banking/clients/faults.py"}
    assert {path.as_posix() for path, _ in _calls("float")} <= allowed
