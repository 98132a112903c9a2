"""What a transaction was for."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from financehub.users.models import User


class CategoryQuerySet(models.QuerySet["Category"]):
    def for_user(self, user: "User") -> Self:
        """The common categories and the person's own."""
        return self.filter(models.Q(user=None) | models.Q(user=user))

    def offered_to(self, user: "User") -> Self:
        """Those that the person has not hidden; rows keep a hidden category."""
        return self.for_user(user).exclude(hidden_by__user=user)


class Category(models.Model):
    """A category of the common tree (no user), or a person's own."""

    class Kind(models.TextChoices):
        EXPENSE = "expense", _("Расходы")
        INCOME = "income", _("Доходы")
        TRANSFER = "transfer", _("Переводы")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="categories"
    )
    slug = models.SlugField(max_length=64)
    name_ru = models.CharField(_("название"), max_length=100)
    name_en = models.CharField(_("название по-английски"), max_length=100)
    kind = models.CharField(_("вид"), max_length=8, choices=Kind.choices)
    parent = models.ForeignKey("self", models.RESTRICT, null=True, blank=True, related_name="children")
    icon = models.CharField(_("значок"), max_length=16, blank=True)
    hue = models.PositiveSmallIntegerField(_("оттенок, 0–359"), default=0)
    position = models.PositiveSmallIntegerField(_("место в списке"), default=0)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("категория")
        verbose_name_plural = _("категории")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "slug"],
                name="category_slug_once_per_person",
                violation_error_message=_("Такая категория уже есть."),
            ),
            models.UniqueConstraint(
                fields=["slug"],
                condition=models.Q(user=None),
                name="category_slug_once_in_common",
                violation_error_message=_("Такая категория уже есть."),
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def name(self) -> str:
        """The name in the language of the answer."""
        return self.name_en if get_language() == "en" else self.name_ru


class HiddenCategory(models.Model):
    """A category that a person does not want to be offered."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="hidden_categories")
    category = models.ForeignKey(Category, models.CASCADE, related_name="hidden_by")

    class Meta:
        verbose_name = _("скрытая категория")
        verbose_name_plural = _("скрытые категории")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "category"], name="category_hidden_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}:{self.category_id}"
