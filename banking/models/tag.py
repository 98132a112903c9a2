"""Tags: a person's own words for rows, beside the one category of each."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from financehub.users.models import User

LONGEST_TAG = 40


class TagQuerySet(models.QuerySet["Tag"]):
    def for_user(self, user: "User") -> Self:
        return self.filter(user=user)


class Tag(models.Model):
    """A name that a person gave. `key` is the name as it is compared: without regard to case."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tags")
    name = models.CharField(_("название"), max_length=LONGEST_TAG)
    key = models.CharField(max_length=2 * LONGEST_TAG, editable=False)  # folding may lengthen a name

    objects = TagQuerySet.as_manager()

    class Meta:
        verbose_name = _("тег")
        verbose_name_plural = _("теги")
        ordering: ClassVar = ["key"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "key"], name="tag_once_per_person"),
        ]

    def __str__(self) -> str:
        return self.name
