"""Components, base pages and the gallery: they render, and the page's policy lets them."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory

from financehub import gallery
from financehub.templatetags import ui
from financehub.users.models import User

TEMPLATES = Path(settings.BASE_DIR) / "templates"
OURS = sorted(TEMPLATES.rglob("*.html"))
ICONS = sorted((TEMPLATES / "icons").glob("*.svg"))


def page(path: str = "/gallery/", user: object = None, **cookies: str) -> object:
    request = RequestFactory().get(path)
    request.COOKIES.update(cookies)
    request.user = user or User(email="anna@example.ru", full_name="Анна Смирнова")
    return request


@pytest.fixture(scope="module")
def gallery_html() -> str:
    return gallery.gallery(page()).content.decode()


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_template_keeps_the_page_policy(path):
    source = path.read_text()
    assert not re.search(r"\sstyle=", source), "style attributes are forbidden by the policy"
    assert not re.search(r"\son[a-z]+=", source), "handlers in attributes are forbidden by the policy"
    assert not re.search(r"<script(?![^>]*\ssrc=)", source), "inline scripts are forbidden by the policy"
    assert "<style" not in source


def test_gallery_has_the_head_of_every_group(gallery_html):
    groups = "amounts rows banks charts progress buttons fields chips messages over signs"
    assert re.findall(r'class="gallery-group" id="(\w+)"', gallery_html) == groups.split()


def test_gallery_shows_every_component():
    source = (TEMPLATES / "gallery.html").read_text()
    drawn_by_base = {"rail", "bottom_bar", "user_menu", "toasts", "language_switch"}
    drawn_by_tag = {"dialog", "menu"}
    for_django_forms = {"form_field", "form_errors"}
    names = {path.stem for path in (TEMPLATES / "components").glob("*.html")}
    assert {name for name in names if f"components/{name}.html" in source} == (
        names - drawn_by_base - drawn_by_tag - for_django_forms
    )
    assert all(f"{{% {tag} " in source for tag in drawn_by_tag)


def test_gallery_is_valid_enough_to_have_unique_ids(gallery_html):
    ids = re.findall(r'\sid="([^"]+)"', gallery_html)
    assert len(ids) == len(set(ids))


def test_gallery_marks_the_present_place_once_per_navigation(gallery_html):
    assert gallery_html.count("<main") == 1
    assert 'class="skip-link" href="#main"' in gallery_html


def test_gallery_is_closed_outside_demo(settings):
    settings.DEBUG = settings.DEMO = False
    with pytest.raises(Http404):
        gallery.gallery(page())


@pytest.mark.parametrize("path", ICONS, ids=lambda path: path.stem)
def test_icon_is_a_silent_drawing_in_the_colour_of_the_text(path):
    svg = ElementTree.fromstring(path.read_text())  # noqa: S314 - our own files
    assert svg.get("aria-hidden") == "true"
    assert "currentColor" in path.read_text()
    assert not re.search(r"#[0-9a-f]{3}", path.read_text())


def test_icon_with_a_label_is_read_aloud():
    markup = ui.icon("lock", 'Изменено "вами"')
    assert 'role="img" aria-label="Изменено &quot;вами&quot;"' in markup
    assert "aria-hidden" not in markup


@pytest.mark.parametrize(
    ("hue", "step"), [(0, 0), (7, 0), (8, 15), (150, 150), (359, 0), (None, 0), (352, 345)]
)
def test_hue_goes_to_the_nearest_step(hue, step):
    assert ui.hue_step(hue) == step


@pytest.mark.parametrize(
    ("cookie", "setting", "expected"),
    [
        ("dark", "light", "dark"),
        ("system", "dark", ""),
        ("", "dark", "dark"),
        ("", "system", ""),
        ('"><script>', "light", ""),
    ],
)
def test_theme_is_the_devices_choice_before_the_persons(cookie, setting, expected):
    cookies = {"theme": cookie} if cookie else {}
    request = page(user=User(email="anna@example.ru", theme=setting), **cookies)
    assert ui.theme({"request": request}) == expected


def test_navigation_marks_the_present_place(monkeypatch):
    urls = {"banking:dashboard": "/overview/", "banking:accounts": "/accounts/"}
    monkeypatch.setattr(ui, "_url", lambda name: urls.get(name, ""))
    links = ui.navigation({"request": page("/accounts/12/")})
    assert [(link.url, link.current) for link in links] == [("/overview/", False), ("/accounts/", True)]
    assert ui.additions({"request": page()}) == []


def test_every_place_of_the_navigation_exists():
    assert all(ui._url(item.url_name) for item in (*ui.NAVIGATION, *ui.ADDITIONS))


@pytest.mark.parametrize("name", ["403.html", "403_csrf.html", "404.html", "500.html"])
def test_error_pages_say_what_is_safe(name):
    html = render_to_string(name, request=page(user=AnonymousUser()))
    assert "анн" in html
    assert "<h1>" in html


def test_server_error_page_needs_no_request():
    assert "500" in get_template("500.html").render()


@pytest.mark.parametrize("cause", sorted(ui.STATE_LOOKS))
def test_connection_state_has_words_and_a_shape(cause):
    html = render_to_string("components/connection_state.html", {"cause": cause, "text": "Данные на 14:32"})
    assert "<svg" in html
    assert "Данные на 14:32" in html


def test_connection_state_can_post():
    context = {"cause": "fresh", "text": "…", "action": "Обновить", "post_url": "/sync/", "csrf_token": "t0"}
    html = render_to_string("components/connection_state.html", context)
    assert '<form method="post" action="/sync/">' in html
    assert 'value="t0"' in html


def test_field_ties_error_and_help_to_its_control():
    html = render_to_string("components/field.html", {"name": "n", "label": "Имя", "help": "h", "error": "e"})
    assert 'aria-describedby="n_helptext n_error"' in html
    assert 'aria-invalid="true"' in html


def test_dialog_tag_wraps_its_content():
    source = '{% load ui %}{% dialog "leave" "Отключить?" kind="drawer" %}<p>{{ word }}</p>{% enddialog %}'
    html = Template(source).render(Context({"word": "<b>"}))
    assert '<dialog class="drawer" id="leave" aria-labelledby="leave-title">' in html
    assert "<p>&lt;b&gt;</p>" in html


def test_long_names_are_escaped_and_kept_whole():
    html = render_to_string("components/chip.html", {"label": "<" * 200, "href": "#"})
    assert "&lt;" * 200 in html
