"""Tags: names of one person, on rows, in filters that count a row once, and back by an undo."""

from decimal import Decimal

import pytest

from banking import edits, tagging
from banking.models import Account, Tag
from banking.queries import edits as edit_queries
from banking.queries import tags as queries
from banking.queries.transaction_filter import TransactionFilter
from banking.queries.transactions import filtered_totals, transaction_page
from financehub.users.models import User
from tests.factories import NOW, AccountFactory, TransactionFactory, only


@pytest.fixture
def account(anna: User) -> Account:
    return AccountFactory(connection__user=anna)


def test_a_name_is_one_tag_in_any_case_and_of_one_person(anna: User, boris: User) -> None:
    first, second = tagging.named(user=anna, names=["Дача", " #дача ", "ремонт  кухни"])
    assert (first.name, second.name) == ("Дача", "ремонт кухни")
    assert tagging.named(user=anna, names=["ДАЧА"]) == [first]
    assert tagging.named(user=boris, names=["дача"]) != [first]
    with pytest.raises(tagging.TagExists):
        tagging.rename_tag(tag=second, name="дача")
    tagging.rename_tag(tag=first, name="ДАЧА")
    assert Tag.objects.get(pk=first.pk).name == "ДАЧА"
    for refused, error in ((["x" * 41], tagging.TagTooLong), (map(str, range(21)), tagging.TooManyTags)):
        with pytest.raises(error):
            tagging.named(user=anna, names=refused)


def test_tags_of_rows_are_filtered_changed_and_undone(anna: User, account: Account) -> None:
    first, second = (TransactionFactory(account=account, amount=Decimal(-10)) for _ in range(2))
    dacha, mother = tagging.named(user=anna, names=["дача", "мама"])
    edit = edits.add_tags(user=anna, rows=only(first, second), tags=[dacha, mother], now=NOW)
    edits.remove_tags(user=anna, rows=only(second), tags=[mother], now=NOW)
    both = TransactionFilter(tags=frozenset({dacha.pk, mother.pk}))
    assert filtered_totals(user=anna, wanted=both).flows[0].spending == 20
    assert transaction_page(user=anna, wanted=both).rows[1].tags == ("дача", "мама")
    assert filtered_totals(user=anna, wanted=TransactionFilter(tags=frozenset({mother.pk}))).count == 1
    assert edit is not None
    undone = edits.undo(edit=edit, now=NOW)
    assert (undone.restored, undone.left) == (1, 1)
    assert [(used.tag.name, used.rows) for used in queries.used_tags(user=anna)] == [("дача", 1), ("мама", 0)]
    assert edit_queries.history_of(row=first)[0].tag_names([dacha.pk]) == "дача"


def test_a_deleted_tag_leaves_rows_and_does_not_come_back(anna: User, account: Account) -> None:
    row = TransactionFactory(account=account)
    (tag,) = tagging.named(user=anna, names=["дача"])
    edits.set_tags(user=anna, rows=only(row), tags=[tag], now=NOW)
    removal = edits.set_tags(user=anna, rows=only(row), tags=[], now=NOW)
    tagging.delete_tag(tag=tag)
    assert removal is not None
    with pytest.raises(edits.ChangedSince):
        edits.undo(edit=removal, now=NOW)
