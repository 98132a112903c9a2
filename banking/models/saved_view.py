"""Saved views: a filter of the transactions page under a name of the person's."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from financehub.users.models import User

LONGEST_NAME = 60
LONGEST_QUERY = 4000


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def for_user(self, user: "User") -> Self:
        return self.filter(user=user)


class SavedView(models.Model):
    """The query of the page's address, kept as it was written and checked again whenever it is opened."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    name = models.CharField(_("название"), max_length=LONGEST_NAME)
    key = models.CharField(max_length=2 * LONGEST_NAME, editable=False)  # as names are compared
    query = models.CharField(_("условия"), max_length=LONGEST_QUERY)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("сохранённый вид")
        verbose_name_plural = _("сохранённые виды")
        ordering: ClassVar = ["key"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "key"], name="saved_view_once_per_person"),
        ]

    def __str__(self) -> str:
        return self.name
