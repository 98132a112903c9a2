"""The stylesheet keeps its own rules, and reaches the browser hashed."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.base import ContentFile

CSS = Path(settings.BASE_DIR) / "static" / "css"
SHEETS = sorted(CSS.rglob("*.css"))


def rules(path: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_sheet_keeps_the_house_rules(sheet):
    text = rules(sheet)
    assert "!important" not in text
    assert not re.search(r"(^|[\s,>])#[a-z][\w-]*[^;]*\{", text), "no ids"
    assert not re.search(r"\b(margin|padding|border)-(left|right|top|bottom)\b", text), "logical properties"
    assert sheet.name == "tokens.css" or not re.search(r"#[0-9a-f]{3,8}\b|oklch\(|rgb", text), "tokens only"
    assert text.count("{") == text.count("}")


def test_every_sheet_is_imported_once_and_exists():
    imported = re.findall(r'@import url\("([^"]+)"\) layer\((\w+)\);', (CSS / "app.css").read_text())
    assert sorted(name for name, _ in imported) == sorted(
        str(sheet.relative_to(CSS)) for sheet in SHEETS if sheet.name != "app.css"
    )
    order = ["reset", "tokens", "base", "layout", "components", "pages", "utilities"]
    layers = [layer for _, layer in imported]
    assert layers == sorted(layers, key=order.index)


def test_every_token_that_is_used_is_defined():
    text = "".join(rules(sheet) for sheet in SHEETS)
    defined = set(re.findall(r"(--[a-z0-9-]+):", text))
    assert set(re.findall(r"var\((--[a-z0-9-]+)", text)) <= defined


def test_imports_are_rewritten_to_hashed_names(tmp_path):
    storage = ManifestStaticFilesStorage(location=tmp_path, base_url="/static/")
    paths = {}
    for sheet in SHEETS:
        name = str(sheet.relative_to(CSS.parent))
        storage.save(name, ContentFile(sheet.read_bytes()))
        paths[name] = (storage, name)
    failures = [result for _, _, result in storage.post_process(paths) if isinstance(result, Exception)]
    assert not failures
    app = (tmp_path / storage.hashed_files["css/app.css"]).read_text()
    assert re.search(r'@import url\("components/button\.[0-9a-f]{12}\.css"\) layer\(components\);', app)
    assert not re.search(r'url\("[\w/]+\.css"\)', app)
