"""A person's rules in a reading: above what the bank says, below what was chosen by hand."""

from datetime import timedelta
from decimal import Decimal

from banking import categorising, edits
from banking.models import BankConnection, Transaction
from tests.banking.sync.bank import NOON, Bank, sent
from tests.banking.sync.reading import only_account, read
from tests.factories import CategoryRuleFactory, category, only

LATER = NOON + timedelta(hours=1)


def test_new_and_changed_rows_are_decided_by_rules(bank: Bank, connection: BankConnection) -> None:
    bank.rows = [sent("a", "-10", text="Пятёрочка"), sent("b", "-20", text="Кофе")]
    read(connection)
    rule = CategoryRuleFactory(user=connection.user, text="столовая", slug="cafe-canteen")
    CategoryRuleFactory(user=connection.user, account=only_account(connection), text="другое")
    CategoryRuleFactory(text="столовая", slug="gifts")

    bank.rows = [
        sent("a", "-10", text="Столовая"),
        sent("b", "-20", text="Кофе"),
        sent("c", "30", text="СТОЛОВАЯ 5"),
    ]
    read(connection, now=LATER)

    rows = {row.external_id: row for row in Transaction.objects.select_related("category")}
    for name in "ac":
        assert (rows[name].category.slug, rows[name].category_reason) == ("cafe-canteen", "rule")
        assert rows[name].category_detail == rule.text
    assert rows["c"].is_refund
    assert rows["b"].category_reason != "rule"


def test_a_choice_by_hand_outlives_a_rule_and_a_rule_outlives_a_reading(
    bank: Bank, connection: BankConnection
) -> None:
    bank.rows = [sent("a", "-10", text="Кофе"), sent("b", "-20", text="Кофе")]
    read(connection)
    first, second = Transaction.objects.order_by("external_id")
    edits.set_category(user=connection.user, rows=only(first), category=category("gifts"), now=NOON)
    rule = CategoryRuleFactory(user=connection.user, text="кофе", slug="cafe")
    categorising.apply_rule(rule=rule, now=NOON)

    bank.rows = [sent("a", "-11", text="Кофе"), sent("b", "-21", text="Кофе")]
    read(connection, now=LATER)

    for row, slug, amount in ((first, "gifts", "-11"), (second, "cafe", "-21")):
        row.refresh_from_db()
        assert (row.category.slug, row.amount) == (slug, Decimal(amount))
