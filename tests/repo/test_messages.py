"""Russian is what the code is written in; English says the same, all of it, and both catalogues are fresh."""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.translation import ngettext

from financehub.formats import english_form, russian_form
from tests.repo.sources import ROOT, SITE, called_name, python_files, text_of, tracked_files

LANGUAGES = ("en", "ru")
FORMS = {"en": 2, "ru": 3}
CYRILLIC = re.compile("[А-Яа-яЁё]")
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[a-z]|\{[a-z_]*\}")

MARKS = frozenset({"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext"})
SPEAKS_FOR_ITSELF = {
    "financehub/formats.py": "holds the words of both languages",
    "financehub/gallery.py": "is read by those who build the site",
    "banking/categories/bank_words.py": "reads what banks write",
    "banking/categories/fixed_texts.py": "reads what banks write",
    "banking/categories/normalise.py": "reads what banks write",
    "banking/categories/transfers.py": "reads what banks write",
    "banking/statements/words.py": "reads what banks write",
    "banking/services/evidence.py": "writes to banks, and reads what they write",
}
NOT_TRANSLATED = {
    "Русский",  # a language is called by its own name
    "руб.",  # what people type after an amount
    "руб",
    "Показать счета и операции в одном месте",  # the reason of a request, read at the bank
}
TRANSLATED = re.compile(
    r"\{%\s*(?:translate|trans)\s.*?%\}"
    r"|\{%\s*(?:blocktranslate|blocktrans)\b.*?\{%\s*end(?:blocktranslate|blocktrans)\s*%\}"
    r"|\{%\s*comment\b.*?\{%\s*endcomment\s*%\}|\{#.*?#\}",
    re.DOTALL,
)

needs_gettext = pytest.mark.skipif(shutil.which("msgfmt") is None, reason="needs gettext")


@dataclass(slots=True)
class Message:
    """An entry of a catalogue: the text of the code and what is said instead."""

    flags: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        return self.fields["msgid"]

    @property
    def plural(self) -> str:
        return self.fields.get("msgid_plural", "")

    @property
    def texts(self) -> list[str]:
        return [text for name, text in self.fields.items() if name.startswith("msgstr")]


def _catalogue(path: Path) -> list[Message]:
    """The messages of a .po file, without its head."""
    entries = path.read_text(encoding="utf-8").split("\n\n")
    return [message for message in map(_message, entries) if message.fields.get("msgid")]


def _message(entry: str) -> Message:
    message, name = Message(), ""
    for line in entry.splitlines():
        if line.startswith("#"):
            message.flags += line if line.startswith("#,") else ""
            continue
        if not line.startswith('"'):
            name = line.split()[0]
        text = ast.literal_eval(line.removeprefix(f"{name} "))
        message.fields[name] = message.fields.get(name, "") + text
    return message


def _po(language: str, root: Path = ROOT) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


ENGLISH = _catalogue(_po("en"))
PLURALS = [message for message in ENGLISH if message.plural]


def test_every_text_has_an_english_one():
    assert [message.source for message in ENGLISH if not all(message.texts)] == []


def test_english_has_the_same_placeholders():
    different = [
        (source, text)
        for message in ENGLISH
        for source, text in zip(
            [message.source] + [message.plural] * (len(message.texts) - 1), message.texts, strict=True
        )
        if _placeholders(source) != _placeholders(text)
    ]
    assert different == []


def _placeholders(text: str) -> Counter[str]:
    return Counter(PLACEHOLDER.findall(text))


def test_english_holds_no_russian_letter_or_quote():
    assert [text for message in ENGLISH for text in message.texts if CYRILLIC.search(text)] == []
    assert [text for message in ENGLISH for text in message.texts if set(text) & set("«»")] == []


def test_english_ends_as_the_russian_does():
    """Another mark at the end tells of a sentence that was changed in one language only."""
    ends = re.compile(r"[.:?!]?$")
    different = [
        (message.source, message.texts[0])
        for message in ENGLISH
        if ends.search(message.source)[0] != ends.search(message.texts[0])[0]
    ]
    assert different == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_guessed_or_left_over(language):
    text = _po(language).read_text(encoding="utf-8")
    assert [message.source for message in _catalogue(_po(language)) if "fuzzy" in message.flags] == []
    assert re.findall(r"^#~.*|^#\|.*", text, re.MULTILINE) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_counted_texts_have_every_form_of_the_language(language):
    spoken = _counted(language)
    assert spoken
    assert [source for source, texts in spoken.items() if len(texts) != FORMS[language]] == []
    assert [source for source, texts in spoken.items() if not all(texts)] == []


def _counted(language: str) -> dict[str, list[str]]:
    return {message.source: message.texts for message in _catalogue(_po(language)) if message.plural}


@pytest.mark.parametrize("count", [0, 1, 2, 4, 5, 11, 12, 14, 21, 22, 25, 101, 111, 1000])
@pytest.mark.parametrize(("language", "form"), [("ru", russian_form), ("en", english_form)])
def test_a_counted_text_takes_the_form_of_its_count(language, form, count):
    spoken = _counted(language)
    with translation.override(language):
        for message in PLURALS:
            assert ngettext(message.source, message.plural, count) == spoken[message.source][form(count)]


@pytest.mark.parametrize(
    ("count", "russian", "english"),
    [
        (1, "1 минуту", "1 minute"),
        (2, "2 минуты", "2 minutes"),
        (5, "5 минут", "5 minutes"),
        (11, "11 минут", "11 minutes"),
        (21, "21 минуту", "21 minutes"),
    ],
)
def test_minutes_to_wait_are_declined(count, russian, english):
    for language, words in (("ru", russian), ("en", english)):
        with translation.override(language):
            sentence = ngettext(
                "Слишком много попыток. Повторите через %(minutes)d минуту.",
                "Слишком много попыток. Повторите через %(minutes)d минуты.",
                count,
            )
        assert sentence % {"minutes": count} != sentence
        assert (sentence % {"minutes": count}).endswith(f" {words}.")


# --- what is in the code ---


def _unmarked_in_python() -> Iterator[str]:
    for path, tree in python_files(*SITE):
        if "migrations" not in path.parts and path.as_posix() not in SPEAKS_FOR_ITSELF:
            for node in _unmarked(tree):
                yield f"{path}:{node.lineno}: {node.value}"


def _unmarked(node: ast.AST) -> Iterator[ast.Constant]:
    """Russian texts that no gettext function takes; docstrings are for those who read the code."""
    if isinstance(node, ast.Call) and called_name(node) in MARKS:
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Constant) and _is_russian(node.value):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _unmarked(child)


def _is_russian(value: object) -> bool:
    return isinstance(value, str) and value not in NOT_TRANSLATED and bool(CYRILLIC.search(value))


def test_every_text_of_the_code_is_marked():
    assert list(_unmarked_in_python()) == []


def test_every_text_of_the_templates_is_marked():
    unmarked = [
        f"{path}: {line.strip()}"
        for path in tracked_files()
        if path.parts[0] == "templates" and path.suffix == ".html" and path.name != "gallery.html"
        for line in TRANSLATED.sub("", text_of(path)).splitlines()
        if CYRILLIC.search(line.replace("Русский", ""))
    ]
    assert unmarked == []


def test_exceptions_are_still_needed():
    unmarked = {path.as_posix() for path, tree in python_files(*SITE) if any(_unmarked(tree))}
    assert unmarked >= set(SPEAKS_FOR_ITSELF)


# --- what is compiled ---


@needs_gettext
@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogue_is_fresh(language, tmp_path):
    fresh = tmp_path / "django.mo"
    subprocess.run(["msgfmt", "--check-format", "-o", fresh, _po(language)], check=True)
    assert _decompiled(_po(language).with_suffix(".mo")) == _decompiled(fresh)


def _decompiled(path: Path) -> str:
    return subprocess.run(["msgunfmt", path], check=True, capture_output=True, text=True).stdout


@needs_gettext
def test_catalogues_hold_what_the_code_says(tmp_path):
    shutil.copy(ROOT / "manage.py", tmp_path)
    for top in filter(Path.is_dir, (ROOT / name for name in (*SITE, "templates", "locale"))):
        shutil.copytree(top, tmp_path / top.name, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(
        [sys.executable, "manage.py", *_make_messages()],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "DEMO": "1", "VAR_DIR": str(tmp_path / "var")},
        check=True,
        capture_output=True,
    )
    for language in LANGUAGES:
        assert _sources(_po(language)) == _sources(_po(language, tmp_path))


def _make_messages() -> list[str]:
    """What `make messages` tells manage.py."""
    command = next(line for line in text_of(Path("Makefile")).splitlines() if " makemessages " in line)
    return shlex.split(command.split("manage.py ")[1])


def _sources(path: Path) -> set[tuple[str, str]]:
    return {(message.source, message.plural) for message in _catalogue(path)}
