"""Files into a manual account: looked at, imported once, taken back to the row."""

import tracemalloc
from datetime import timedelta
from decimal import Decimal

import pytest

from banking import edits, importing, manual
from banking.models import Account, ImportProfile, RowChange, StatementImport, Transaction
from banking.statements.columns import Columns
from financehub.periods import local_date
from financehub.users.models import User
from tests.banking.test_totals import kept_months, kept_totals, months_by_hand, totals_by_hand
from tests.factories import NOW, AccountFactory, CategoryRuleFactory, ManualAccountFactory, only

FILE = (
    "Дата;Сумма;Описание;Категория\n"
    "07.11.2025;-120,00;Кофе;\n"
    "07.11.2025;-120,00;Кофе;\n"
    "08.11.2025;-450,50;Пятёрочка;Кафе и рестораны\n"
    "09.11.2025;1000,00;Возврат долга;\n"
    "что-то;1;;\n"
)


@pytest.fixture
def cash(anna: User) -> Account:
    account = ManualAccountFactory(user=anna, opening_on=local_date(NOW) - timedelta(days=30))
    manual.change_account(
        account=account,
        terms=manual.Terms(
            name=account.name, kind="cash", opening_balance=Decimal(1000), opening_on=account.opening_on
        ),
        now=NOW,
    )
    return account


def upload(account: Account, text: str = FILE, encoding: str = "utf-8") -> StatementImport:
    return importing.upload(
        user=account.user, account=account, file_name="x.csv", data=text.encode(encoding), now=NOW
    )


def told(statement: StatementImport) -> tuple[int, int, int]:
    check = importing.check(statement=statement, now=NOW)
    return check.new, check.known, check.failed


def rows(account: Account) -> list[tuple[int, str, Decimal]]:
    stored = Transaction.objects.filter(account=account).order_by("pk")
    return list(stored.values_list("pk", "description", "amount"))


def is_in_step(account: Account) -> bool:
    user = account.user
    sums = kept_totals(user) == totals_by_hand(user) and kept_months(user) == months_by_hand(user)
    standing = Transaction.objects.for_user(user).values_list("amount", flat=True)
    account.refresh_from_db()
    return sums and account.balance_booked == Decimal(1000) + sum(standing)


def test_a_file_is_looked_at_without_a_trace_and_then_imported(cash: Account) -> None:
    statement = upload(cash)
    assert told(statement) == (4, 0, 1)
    assert rows(cash) == []
    done = importing.run(statement=statement, now=NOW)
    assert (done.rows_new, done.rows_known, done.rows_failed) == (4, 0, 1)
    stored = Transaction.objects.filter(statement=done)
    assert stored.count() == 4
    assert {row.category.slug for row in stored.filter(description="Пятёрочка")} == {"cafe"}
    assert done.content is None
    assert is_in_step(cash)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251"])
def test_the_same_file_again_adds_nothing_even_after_edits(cash: Account, encoding: str) -> None:
    importing.run(statement=upload(cash), now=NOW)
    coffee, tea, *_ = Transaction.objects.filter(account=cash).order_by("pk")
    entry = manual.Entry(amount=Decimal(-1), day=local_date(NOW), description="Другое")
    manual.amend_row(transaction=coffee, entry=entry, now=NOW)
    edits.delete_rows(user=cash.user, rows=only(tea), now=NOW)
    before = rows(cash)
    again = upload(cash, encoding=encoding)
    assert told(again) == (0, 4, 1)
    with pytest.raises(importing.NothingNew):
        importing.run(statement=again, now=NOW)
    assert rows(cash) == before
    assert is_in_step(cash)


def test_a_longer_file_adds_what_is_new_and_an_undo_takes_exactly_that(cash: Account) -> None:
    mine = manual.add_row(
        account=cash,
        entry=manual.Entry(amount=Decimal(-120), day=local_date(NOW), description="Кофе"),
        key="mine",
        now=NOW,
    )
    first = importing.run(statement=upload(cash), now=NOW)
    before = rows(cash)
    more = FILE + "07.11.2025;-120,00;Кофе;\n09.11.2025;-1,00;Чай;\n"
    second = upload(cash, more)
    assert told(second) == (2, 4, 1)
    second = importing.run(statement=second, now=NOW)
    tea = Transaction.objects.get(description="Чай")
    edits.set_note(user=cash.user, rows=only(tea), note="с лимоном", now=NOW)
    assert importing.undo(statement=second, now=NOW) == 2
    assert rows(cash) == before
    assert is_in_step(cash)
    assert not RowChange.objects.exists()
    assert importing.undo(statement=first, now=NOW) == 4
    assert [pk for pk, *_ in rows(cash)] == [mine.pk]
    assert is_in_step(cash)
    with pytest.raises(importing.NotWaiting):
        importing.undo(statement=first, now=NOW)
    assert told(upload(cash)) == (4, 0, 1)


def test_columns_are_remembered_by_the_header_once_they_served(
    anna: User, boris: User, cash: Account
) -> None:
    odd = "Когда;Сколько;Куда;Прочее\n08.11.2025;5,00;Кофе;Чай\n"
    statement = upload(cash, odd)
    chosen = Columns(date=0, amount=1, description=3, decimal=",", inverted=True)
    importing.set_columns(statement=statement, columns=chosen)
    assert not ImportProfile.objects.exists()
    importing.run(statement=statement, now=NOW)
    assert rows(cash)[0][1:] == ("Чай", Decimal(-5))
    again = upload(cash, odd.replace("08.11", "07.11"))
    assert Columns.of(again.columns) == chosen
    assert StatementImport.objects.filter(state="waiting").count() == 1
    theirs = upload(ManualAccountFactory(user=boris), odd)
    assert Columns.of(theirs.columns) != chosen


def test_a_category_of_the_file_goes_before_a_rule_if_it_is_one_of_ours(cash: Account) -> None:
    CategoryRuleFactory(user=cash.user, text="zzz", slug="gifts")
    file = "date,amount,description,category\n2025-11-08,-5.00,zzz,Аптеки\n2025-11-08,-6.00,zzz,Нечто\n"
    importing.run(statement=upload(cash, file), now=NOW)
    decided = Transaction.objects.order_by("-amount").values_list("category__slug", "category_reason")
    assert list(decided) == [("health-pharmacy", "person"), ("gifts", "rule")]


def test_a_banks_account_and_a_closed_one_take_no_file(anna: User, cash: Account) -> None:
    with pytest.raises(manual.NotManual):
        upload(AccountFactory(connection__user=anna))
    statement = upload(cash)
    manual.set_closed(account=cash, closed=True, now=NOW)
    with pytest.raises(manual.AccountClosed):
        importing.run(statement=statement, now=NOW)


def test_a_file_that_was_left_is_forgotten_after_a_day(cash: Account) -> None:
    importing.run(statement=upload(cash), now=NOW)
    upload(cash)
    importing.forget_waiting(now=NOW + timedelta(hours=23))
    assert StatementImport.objects.filter(state="waiting").exists()
    importing.forget_waiting(now=NOW + timedelta(hours=25))
    assert [each.state for each in StatementImport.objects.all()] == ["done"]
    assert len(rows(cash)) == 4


def test_a_file_without_day_or_sum_says_what_to_choose(cash: Account) -> None:
    statement = upload(cash, "слово;другое\nа;б\n")
    with pytest.raises(importing.NotEnoughColumns):
        importing.check(statement=statement, now=NOW)


def test_a_long_file_is_held_in_parts(cash: Account) -> None:
    """Looking at eight thousand rows takes little more than the file itself."""
    lines = "".join(f"0{1 + number % 9}.11.2025;-{number},50;Покупка {number}\n" for number in range(8_000))
    statement = upload(cash, "Дата;Сумма;Описание\n" + lines)
    tracemalloc.start()
    check = importing.check(statement=statement, now=NOW)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert check.new == 8_000
    assert peak < 8 * 2**20
