"""A person's rules over past rows: what they change, what they leave, how it is taken back."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from banking import categorising, edits
from banking.categories import persons
from banking.models import Account, Category, CategoryRule, Transaction
from banking.queries import category_rules as queries
from banking.queries.categories import category_groups
from financehub.users.models import User
from tests.factories import (
    NOW,
    AccountFactory,
    CategoryRuleFactory,
    PartnerConsentFactory,
    TransactionFactory,
    TransferFactory,
    category,
    only,
)


@pytest.fixture
def account(anna: User) -> Account:
    return AccountFactory(connection__user=anna)


def draft(user: User, slug: str = "cafe", **conditions: Any) -> CategoryRule:
    return CategoryRule(user=user, category=category(slug), **conditions)


def slugs(*rows: Transaction) -> list[tuple[str, str]]:
    return list(only(*rows).order_by("pk").values_list("category__slug", "category_reason"))


def test_a_rule_is_previewed_applied_told_and_undone(anna: User, account: Account) -> None:
    mine = [TransactionFactory(account=account, amount=Decimal(amount)) for amount in (-100, -50, 20)]
    TransactionFactory(account=account, merchant_name="Лента", description="LENTA")
    rule = draft(anna, text="пятёрочка", slug="cafe")

    seen = queries.preview(user=anna, rule=rule)
    edit = categorising.save_rule(rule=rule, apply=True, now=NOW)

    assert (seen.count, seen.sums, len(seen.sample)) == (3, {"RUB": Decimal(-130)}, 3)
    assert edit is not None
    assert (edit.rows, edit.rule) == (3, rule)
    assert slugs(*mine) == [("cafe", "rule")] * 3
    assert [row.is_refund for row in only(*mine).order_by("pk")] == [False, False, True]
    assert set(only(*mine).values_list("category_detail", flat=True)) == {"пятёрочка"}
    assert queries.preview(user=anna, rule=rule).count == 0
    assert categorising.apply_rule(rule=rule, now=NOW) is None
    edits.undo(edit=edit, now=NOW)
    assert slugs(*mine) == [("groceries-supermarket", "keyword")] * 3


def test_what_the_person_chose_and_what_a_later_rule_says_stays(anna: User, account: Account) -> None:
    chosen = TransactionFactory(account=account, category_reason=Transaction.Reason.PERSON)
    plain, costly = (TransactionFactory(account=account, amount=Decimal(amount)) for amount in (-10, -5000))
    paired = TransactionFactory(account=account, slug="transfer-own", category_reason="transfer_pair")
    wide = CategoryRuleFactory(user=anna)
    CategoryRuleFactory(user=anna, lowest=Decimal(1000), slug="gifts")

    categorising.apply_rule(rule=wide, now=NOW)

    assert slugs(chosen, plain, costly, paired) == [
        ("groceries-supermarket", "person"),
        ("cafe", "rule"),
        ("groceries-supermarket", "keyword"),
        ("cafe", "rule"),
    ]


def test_another_persons_rows_are_not_in_it(anna: User, boris: User, account: Account) -> None:
    TransactionFactory(account=account)

    assert queries.preview(user=boris, rule=draft(boris, text="пятёрочка")).count == 0


@pytest.mark.parametrize(
    ("conditions", "names"),
    [
        ({"text": "МОСКВА"}, set()),
        ({"text": "moskva"}, {"покупка", "возврат"}),
        ({"text": "Пяторочка"}, set()),
        ({"text": "ПЯТЁРОЧКА", "match": "starts"}, {"покупка", "возврат"}),
        ({"text": "moskva", "match": "starts"}, set()),
        ({"mcc": "5411"}, {"покупка"}),
        ({"lowest": Decimal(100), "highest": Decimal(300)}, {"покупка", "возврат"}),
        ({"lowest": Decimal(100), "direction": "in"}, {"возврат", "зарплата"}),
        ({"text": "100%"}, set()),
    ],
)
def test_conditions_must_all_hold(
    anna: User, account: Account, conditions: dict[str, Any], names: set[str]
) -> None:
    rows = {
        "покупка": TransactionFactory(account=account, amount=Decimal(-250), mcc="5411"),
        "возврат": TransactionFactory(account=account, amount=Decimal(100)),
        "зарплата": TransactionFactory(
            account=account, amount=Decimal(90000), merchant_name="", description="ЗАРПЛАТА"
        ),
    }

    found = queries.changing(user=anna, rule=draft(anna, **conditions))

    assert {name for name, row in rows.items() if row.pk in found} == names


TEXTS = st.sampled_from(["", "PYATEROCHKA 14523", "Пятёрочка", "Кофе и чай", "кофе", "100% сок", "S7"])


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(TEXTS, TEXTS, st.integers(-300, 300), st.sampled_from(["", "5411"])), max_size=6),
    text=st.sampled_from(["кофе", "пятёрочка", "s7", "14523", "сок"]),
    match=st.sampled_from(CategoryRule.Match.values),
    direction=st.sampled_from(CategoryRule.Direction.values),
    lowest=st.sampled_from([None, Decimal(100)]),
)
def test_past_rows_are_judged_as_new_ones_will_be(
    anna: User, account: Account, rows: list[tuple[str, str, int, str]], **conditions: Any
) -> None:
    Transaction.objects.all().delete()
    made = [
        TransactionFactory(account=account, description=text, merchant_name=shop, amount=amount, mcc=mcc)
        for text, shop, amount, mcc in rows
    ]
    rule = draft(anna, **conditions)
    plain = queries.plain(rule)

    expected = {
        row.pk
        for row in made
        if plain.matches(
            persons.facts(
                description=row.description,
                merchant_name=row.merchant_name,
                counterparty="",
                amount=Decimal(row.amount),
                account_id=account.pk,
                mcc=row.mcc,
            )
        )
    }

    assert set(queries.changing(user=anna, rule=rule)) == expected


def test_a_rule_without_a_condition_is_refused_by_the_database(anna: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        draft(anna, direction="in").save()


def test_an_own_category_is_made_renamed_merged_and_found_again_by_undo(anna: User, account: Account) -> None:
    own = categorising.create_category(
        user=anna, name="Обеды", kind="expense", parent=category("cafe"), icon="🍲"
    )
    row = TransactionFactory(account=account, category=own)
    rule = CategoryRuleFactory(user=anna, category=own)
    categorising.rename_category(category=own, name="Обеды в офисе", icon="🍲")

    edit = categorising.merge_categories(user=anna, source=own, target=category("cafe-coffee"), now=NOW)

    rule.refresh_from_db()
    assert slugs(row) == [("cafe-coffee", "keyword")]
    assert rule.category.slug == "cafe-coffee"
    assert own not in Category.objects.offered_to(anna)
    assert own not in [each for group in category_groups(user=anna) for each in group.children]
    assert edit is not None
    edits.undo(edit=edit, now=NOW)
    row.refresh_from_db()
    assert row.category == own
    assert own in Category.objects.offered_to(anna)


def test_common_categories_are_not_merged_but_may_be_hidden(anna: User, boris: User) -> None:
    cafe = category("cafe")
    with pytest.raises(categorising.CannotMerge):
        categorising.merge_categories(user=anna, source=cafe, target=category("gifts"), now=NOW)
    categorising.set_hidden(user=anna, category=cafe, hidden=True)
    assert cafe not in Category.objects.offered_to(anna)
    assert cafe in Category.objects.offered_to(boris)
    categorising.set_hidden(user=anna, category=cafe, hidden=False)
    assert cafe in Category.objects.offered_to(anna)


def test_a_person_goes_with_all_that_is_theirs(anna: User, account: Account) -> None:
    top = categorising.create_category(user=anna, name="Дача", kind="expense", parent=None, icon="")
    own = categorising.create_category(user=anna, name="Сад", kind="expense", parent=top, icon="")
    row = TransactionFactory(account=account)
    edits.set_category(user=anna, rows=only(row), category=own, now=NOW)
    CategoryRuleFactory(user=anna, category=own)
    TransferFactory(user=anna, from_account=account, partner_consent=PartnerConsentFactory(person=anna))

    anna.delete()

    assert not Category.objects.exclude(user=None).exists()
    assert not Transaction.objects.exists()
