"""What a person does with tags themselves; `edits` puts them on rows."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.db.transaction import atomic
from django.utils.translation import gettext_lazy as _

from banking.models import Tag
from banking.models.tag import LONGEST_TAG
from financehub.errors import DomainError

if TYPE_CHECKING:
    from financehub.users.models import User

MOST_TAGS = 200  # of a person
MOST_AT_ONCE = 20


class TooManyTags(DomainError):
    code = "too_many_tags"
    message = _("Тегов может быть не больше 200, а за один раз — не больше 20.")


class TagTooLong(DomainError):
    code = "tag_too_long"
    message = _("Тег — не длиннее 40 знаков.")


class TagExists(DomainError):
    code = "tag_exists"
    message = _("Такой тег уже есть.")


def names_in(text: str) -> list[str]:
    """The tags that a person wrote into one line, between commas; `#` before one is a habit, not a name."""
    return [name for part in text.split(",") if (name := _tidy(part))]


@atomic
def named(*, user: "User", names: Iterable[str]) -> list[Tag]:
    """The tags of these names, made where there are none yet; raises TooManyTags or TagTooLong."""
    wanted: dict[str, str] = {}
    for name in filter(None, map(_tidy, names)):
        wanted.setdefault(key_of(name), name)
    if any(len(name) > LONGEST_TAG for name in wanted.values()):
        raise TagTooLong
    known = {tag.key: tag for tag in Tag.objects.for_user(user)}
    new = [key for key in wanted if key not in known]
    if len(wanted) > MOST_AT_ONCE or len(known) + len(new) > MOST_TAGS:
        raise TooManyTags
    for key in new:
        known[key], _created = Tag.objects.get_or_create(user=user, key=key, defaults={"name": wanted[key]})
    return [known[key] for key in wanted]


def rename_tag(*, tag: Tag, name: str) -> None:
    """Another name for a tag, on all rows that have it; raises TagExists or TagTooLong."""
    name = _tidy(name)
    if len(name) > LONGEST_TAG:
        raise TagTooLong
    try:
        with atomic():
            Tag.objects.filter(pk=tag.pk).update(name=name, key=key_of(name))
    except IntegrityError as error:
        raise TagExists from error


def delete_tag(*, tag: Tag) -> None:
    """Take a tag off all rows, and forget it."""
    tag.delete()


def key_of(name: str) -> str:
    """A name as names are compared."""
    return _tidy(name).casefold()


def _tidy(text: str) -> str:
    return " ".join(text.split()).removeprefix("#").strip()
