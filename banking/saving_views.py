"""What a person keeps of the filters of the transactions page."""

from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.db.transaction import atomic
from django.utils.translation import gettext_lazy as _

from banking.models import SavedView
from banking.models.saved_view import LONGEST_QUERY
from financehub.errors import DomainError

if TYPE_CHECKING:
    from financehub.users.models import User

MOST_VIEWS = 50


class TooManyViews(DomainError):
    code = "too_many_views"
    message = _("Сохранённых видов может быть не больше 50.")


class NothingToSave(DomainError):
    code = "nothing_to_save"
    message = _("Сохранять нечего: выберите фильтр, и покороче.")


class ViewExists(DomainError):
    code = "view_exists"
    message = _("Вид с таким названием уже есть.")


@atomic
def save_view(*, user: "User", name: str, query: str) -> SavedView:
    """Keep a filter under a name; an old one of that name gives way.

    Raises TooManyViews or NothingToSave.
    """
    if not query or len(query) > LONGEST_QUERY:
        raise NothingToSave
    own = SavedView.objects.for_user(user)
    key = _key(name)
    if own.count() >= MOST_VIEWS and not own.filter(key=key).exists():
        raise TooManyViews
    values = {"name": name, "query": query}
    view, _created = SavedView.objects.update_or_create(user=user, key=key, defaults=values)
    return view


def rename_view(*, view: SavedView, name: str) -> None:
    """Another name for a kept filter; raises ViewExists."""
    try:
        with atomic():
            SavedView.objects.filter(pk=view.pk).update(name=name, key=_key(name))
    except IntegrityError as error:
        raise ViewExists from error


def delete_view(*, view: SavedView) -> None:
    """Forget a filter; no row is touched."""
    view.delete()


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()
