"""What a person decides about categories: rules for rows past and to come, categories of their own."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Max
from django.db.transaction import atomic
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from banking import edits
from banking.models import Category, CategoryRule, Edit, HiddenCategory, Transaction
from banking.queries import category_rules
from banking.sync.accounts import lock_accounts
from financehub.errors import DomainError

if TYPE_CHECKING:
    from financehub.users.models import User

OWN_SLUG = "own-"
SLUG_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
MOST_OWN = 200


class TooManyCategories(DomainError):
    code = "too_many_categories"
    message = _("Своих категорий может быть не больше 200.")


class CannotMerge(DomainError):
    code = "cannot_merge"
    message = _("Объединить можно свою категорию с другой того же вида.")


@atomic
def save_rule(*, rule: CategoryRule, apply: bool = False, now: datetime) -> Edit | None:
    """Keep a rule, which decides about rows to come; with `apply` about past ones too."""
    rule.save()
    return apply_rule(rule=rule, now=now) if apply else None


@atomic
def apply_rule(*, rule: CategoryRule, now: datetime) -> Edit | None:
    """Give past rows the category of a rule, as one edit that can be undone; None if it changes nothing."""
    lock_accounts(rule.user_id)
    detail = category_rules.label(rule)

    def decided(row: Transaction) -> edits.Values:
        return edits.category_values(row, rule.category, reason=Transaction.Reason.RULE, detail=detail)

    ids = category_rules.changing(user=rule.user, rule=rule)
    return edits.change_rows(
        user=rule.user, kind=Edit.Kind.RULE, rows=edits.held(ids), values=decided, rule=rule, now=now
    )


def delete_rule(*, rule: CategoryRule) -> None:
    """Forget a rule. What it decided stays until the bank changes the row or the person does."""
    rule.delete()


@atomic
def create_category(*, user: "User", name: str, kind: str, parent: Category | None, icon: str) -> Category:
    """A category of the person's own, under a common one or by itself; raises TooManyCategories."""
    own = Category.objects.filter(user=user)
    if own.count() >= MOST_OWN:
        raise TooManyCategories
    last = Category.objects.for_user(user).aggregate(last=Max("position"))["last"] or 0
    return Category.objects.create(
        user=user,
        slug=OWN_SLUG + get_random_string(12, SLUG_LETTERS),
        name_ru=name,
        name_en=name,
        kind=parent.kind if parent else kind,
        parent=parent,
        icon=icon or (parent.icon if parent else ""),
        hue=parent.hue if parent else 0,
        position=last + 1,
    )


def rename_category(*, category: Category, name: str, icon: str) -> Category:
    """Another name for a category of one's own, in every language."""
    category.name_ru = category.name_en = name
    category.icon = icon
    category.save(update_fields=["name_ru", "name_en", "icon"])
    return category


@atomic
def merge_categories(*, user: "User", source: Category, target: Category, now: datetime) -> Edit | None:
    """Move the rows and rules of an own category to another and hide it, so that an undo finds it there.

    Raises CannotMerge for a common category, for itself, and across kinds.
    """
    if source.user_id != user.pk or source.pk == target.pk or source.kind != target.kind:
        raise CannotMerge
    lock_accounts(user.pk)
    ids = Transaction.objects.for_user(user).filter(category=source).values_list("pk", flat=True)
    edit = edits.change_rows(
        user=user,
        kind=Edit.Kind.MERGE,
        rows=edits.held(ids),
        values=lambda _row: {"category_id": target.pk},
        now=now,
    )
    CategoryRule.objects.for_user(user).filter(category=source).update(category=target)
    set_hidden(user=user, category=source, hidden=True)
    return edit


def set_hidden(*, user: "User", category: Category, hidden: bool) -> None:
    """Offer a category no more, or again; rows keep it."""
    if hidden:
        HiddenCategory.objects.get_or_create(user=user, category=category)
    else:
        HiddenCategory.objects.filter(user=user, category=category).delete()
