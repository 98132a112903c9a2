"""Template tags of the interface: icons, navigation, theme, and blocks that wrap other markup."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django import template
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

register = template.Library()

THEME_COOKIE = "theme"
HUE_STEP = 15
FULL_CIRCLE = 360


@dataclass(frozen=True, slots=True)
class NavItem:
    """One place of the site in the navigation; `in_menu`: a phone's bar has no room for it."""

    label: str | Promise
    url_name: str
    icon: str
    secondary: bool = False
    in_menu: bool = False


# The site's map for a customer. A place whose URL is not part of the site is left out: no dead links.
NAVIGATION = (
    NavItem(_("Обзор"), "banking:dashboard", "overview"),
    NavItem(_("Счета"), "banking:accounts", "accounts"),
    NavItem(_("Операции"), "banking:transactions", "operations"),
    NavItem(_("Аналитика"), "analytics:overview", "analytics"),
    NavItem(_("Согласия"), "banking:consents", "consents", in_menu=True),
    NavItem(_("Настройки"), "users:settings", "settings", secondary=True),
)
CONNECT_BANK = NavItem(_("Подключить банк"), "banking:connect", "bank")
# What «+» of the bottom bar offers.
ADDITIONS = (
    CONNECT_BANK,
    NavItem(_("Добавить операцию"), "banking:transaction_new", "operations"),
    NavItem(_("Перевод между счетами"), "banking:transfer_new", "transfer"),
)


@dataclass(frozen=True, slots=True)
class NavLink:
    """A navigation item as one page shows it."""

    label: str
    url: str
    icon: str
    current: bool
    secondary: bool
    in_menu: bool


@cache
def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _link(item: NavItem, path: str) -> NavLink | None:
    url = _url(item.url_name)
    if not url:
        return None
    return NavLink(str(item.label), url, item.icon, path.startswith(url), item.secondary, item.in_menu)


@register.simple_tag(takes_context=True)
def navigation(context: dict[str, Any]) -> list[NavLink]:
    """`{% navigation as links %}`: every place that exists, the present one marked."""
    path = context["request"].path
    return [link for item in NAVIGATION if (link := _link(item, path))]


@register.simple_tag(takes_context=True)
def additions(context: dict[str, Any]) -> list[NavLink]:
    """`{% additions as links %}`: what «+» of the bottom bar offers."""
    path = context["request"].path
    return [link for item in ADDITIONS if (link := _link(item, path))]


@lru_cache(maxsize=128)
def _icon_source(name: str) -> str:
    return render_to_string(f"icons/{name}.svg").strip()


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """`{% icon "search" %}`: an own drawing in the colour of the text, silent unless labelled."""
    source = _icon_source(name)
    if label:
        named = f'role="img" aria-label="{escape(label)}"'
        source = source.replace('aria-hidden="true"', named, 1)
    return mark_safe(source)  # noqa: S308 - the site's own files and an escaped label


@register.filter
def hue_step(hue: int | None) -> int:
    """A hue in degrees to the nearest step that the stylesheet knows as data-hue."""
    return round((hue or 0) / HUE_STEP) * HUE_STEP % FULL_CIRCLE


@register.simple_tag(takes_context=True)
def theme(context: dict[str, Any]) -> str:
    """The theme of this page: the device's choice (cookie) before the person's setting."""
    request: HttpRequest | None = context.get("request")
    if request is None:
        return ""
    chosen = request.COOKIES.get(THEME_COOKIE) or getattr(getattr(request, "user", None), "theme", "")
    return chosen if chosen in {"light", "dark"} else ""


@dataclass(frozen=True, slots=True)
class StateLook:
    """How the state of a connection is drawn: the shape tells it too, never the colour alone."""

    icon: str
    tone: str = ""


STATE_LOOKS = {
    "fresh": StateLook("done", "good"),
    "syncing": StateLook("refresh"),
    "partial": StateLook("partial", "warning"),
    "delayed": StateLook("clock", "warning"),
    "rate_limited": StateLook("clock"),
    "budget": StateLook("clock"),
    "awaiting": StateLook("phone", "warning"),
    "expiring": StateLook("calendar", "warning"),
    "expired": StateLook("unlink", "bad"),
    "revoked": StateLook("unlink", "bad"),
    "rejected": StateLook("unlink", "bad"),
    "disconnected": StateLook("unlink"),
    "channel": StateLook("shield", "bad"),
}


@register.simple_tag
def state_look(cause: str) -> StateLook:
    """Icon and tone of a connection's state."""
    return STATE_LOOKS[cause]


@register.simple_block_tag
def dialog(content: SafeString, dialog_id: str, title: str, kind: str = "dialog") -> SafeString:
    """`{% dialog "leave" _("Отключить банк?") %}…{% enddialog %}`; kind "drawer" for a side sheet."""
    return render_to_string(
        "components/dialog.html", {"content": content, "id": dialog_id, "title": title, "kind": kind}
    )


@register.simple_block_tag
def menu(content: SafeString, label: str, icon_name: str = "more", place: str = "end") -> SafeString:
    """`{% menu _("Действия") %}<a class="menu-item">…</a>{% endmenu %}`."""
    return render_to_string(
        "components/menu.html", {"content": content, "label": label, "icon": icon_name, "place": place}
    )
