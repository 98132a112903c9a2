"""Own transfers: pairs are found where they are certain, and never elsewhere."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from banking import edits, removal
from banking.matching.choose import REACH
from banking.models import Account, ExchangeRate, Transaction, TransferMatch
from banking.sync import transfers
from banking.sync.transfers import Paired
from financehub.users.models import User
from tests.banking.sync.bank import NOON
from tests.factories import (
    AccountFactory,
    BankFactory,
    ConnectionFactory,
    TransactionFactory,
    UserFactory,
    category,
    only,
)

MINUTE = timedelta(minutes=1)


@pytest.fixture
def person(db: None) -> User:
    return UserFactory()


@pytest.fixture
def mine(person: User) -> Account:
    """A current account at vbank."""
    return _account(person, "vbank", "40817810000000001111")


@pytest.fixture
def other(person: User) -> Account:
    """A current account at abank."""
    return _account(person, "abank", "40817810000000002222")


def _account(person: User, bank: str, number: str, **fields: object) -> Account:
    connection = ConnectionFactory(user=person, bank=BankFactory(code=bank))
    return AccountFactory(connection=connection, number=number, **fields)


def _row(
    account: Account,
    amount: str | Decimal,
    text: str,
    *,
    at: datetime = NOON,
    slug: str = "",
    **fields: object,
) -> Transaction:
    slug = slug or ("people-transfer" if Decimal(amount) < 0 else "income-people")
    known = {"merchant_name": "", "category_reason": "fixed_text"}
    return TransactionFactory(
        account=account, amount=Decimal(amount), description=text, booked_at=at, slug=slug, **known | fields
    )


def _pair(mine: Account, other: Account, amount: str = "500.00") -> tuple[Transaction, Transaction]:
    out = _row(mine, f"-{amount}", f"Межбанковский перевод в abank на счет {other.number}: запас")
    into = _row(other, amount, f"Перевод от счета {mine.number}: запас", at=NOON + 7 * MINUTE)
    return out, into


def _find(person: User, since: date | None = None) -> Paired:
    return transfers.pair_own_transfers(user_id=person.pk, since=since, now=NOON)


def test_two_texts_that_name_each_other_make_a_pair(person: User, mine: Account, other: Account) -> None:
    out, into = _pair(mine, other)
    assert _find(person) == Paired(found=1, undone=0)
    out.refresh_from_db()
    into.refresh_from_db()
    assert (out.transfer_pair, into.transfer_pair) == (into, out)
    for side in (out, into):
        assert (side.category.slug, side.kind, side.category_reason) == (
            "transfer-own",
            "transfer",
            Transaction.Reason.TRANSFER,
        )


def test_finding_again_changes_nothing(person: User, mine: Account, other: Account) -> None:
    _pair(mine, other)
    _find(person)
    with CaptureQueriesContext(database) as queries:
        assert _find(person) == Paired(found=0, undone=0)
    assert not [query for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


@pytest.mark.parametrize(
    ("out_text", "in_text"),
    [
        ("Перевод между своими счетами", "Перевод между своими счетами"),
        ("Межбанковский перевод в abank", "Перевод от счета 40817810000000001111"),
        ("Перевод на счет *2222", "Перевод между своими счетами"),
        ("Перевод на счет 40817810000000002222: Погашение кредитной карты", "Пополнение"),
        ("Перевод по СБП себе в abank", "Пополнение по СБП. Анна С."),
    ],
)
def test_enough_is_said(person: User, mine: Account, other: Account, out_text: str, in_text: str) -> None:
    _row(mine, "-500", out_text)
    _row(other, "500", in_text, slug="income-other" if in_text == "Пополнение" else "")
    assert _find(person).found == 1


@pytest.mark.parametrize(
    ("out_text", "in_text"),
    [
        ("Перевод Ивану П.", "Перевод от Марии К."),
        ("Перевод на счет 40817810000000009999", "Перевод от счета 40817810000000001111"),
        ("Перевод на счет 40817810000000002222", "Перевод от Ивана П."),
        ("Перевод на счет 40817810000000002222", "Зачисление заработной платы"),
        ("Межбанковский перевод в sbank", "Перевод от счета 40817810000000001111"),
        ("Перевод между своими счетами", "Перевод от Марии К."),
        ("Возврат неудачного перевода", "Перевод между своими счетами"),
        ("Перевод по СБП себе в sbank", "Пополнение по СБП. Анна С."),
        ("Перевод по СБП Ивану П.", "Пополнение по СБП. Анна С."),
        ("Перевод на счет 40817810000000002222", "Пополнение по СБП. Мария К."),
        ("Перевод между своими счетами", "Пополнение по СБП. Мария К."),
    ],
)
def test_too_little_or_something_else_is_said(
    person: User, mine: Account, other: Account, out_text: str, in_text: str
) -> None:
    _row(mine, "-500", out_text)
    _row(other, "500", in_text, slug="income-salary" if "платы" in in_text else "")
    assert _find(person).found == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": Decimal("500.01")},
        {"currency": "USD"},
        {"booked_at": NOON + timedelta(days=3, minutes=1)},
        {"status": "declined"},
        {"missing_since": NOON},
        {"mcc": "5411"},
        {"merchant_name": "Пятёрочка"},
    ],
)
def test_what_does_not_fit_is_left_alone(
    person: User, mine: Account, other: Account, changed: dict[str, object]
) -> None:
    _out, into = _pair(mine, other)
    Transaction.objects.filter(pk=into.pk).update(**changed)
    assert _find(person).found == 0


def test_one_account_is_no_transfer(person: User, mine: Account, other: Account) -> None:
    _row(mine, "-500", "Перевод между своими счетами")
    _row(mine, "500", "Перевод между своими счетами")
    assert _find(person).found == 0


def test_equal_transfers_at_a_time_are_not_told_apart(person: User, mine: Account, other: Account) -> None:
    _pair(mine, other)
    _pair(mine, other)
    assert _find(person).found == 0


def test_equal_transfers_on_two_days_are(person: User, mine: Account, other: Account) -> None:
    _pair(mine, other)
    later = _pair(mine, other)
    moved = [row.pk for row in later]
    Transaction.objects.filter(pk__in=moved).update(booked_at=NOON + timedelta(days=2))
    assert _find(person).found == 2


def test_a_persons_choice_stays(person: User, mine: Account, other: Account) -> None:
    out, into = _pair(mine, other)
    edits.set_category(user=person, rows=only(out), category=category("gifts"), now=NOON)
    assert _find(person).found == 1
    out.refresh_from_db()
    into.refresh_from_db()
    assert (out.category.slug, out.category_reason, out.transfer_pair) == ("gifts", "person", into)
    assert into.category.slug == "transfer-own"


@pytest.mark.parametrize(
    "changed", [{"missing_since": NOON}, {"amount": Decimal("-499")}, {"status": "declined"}]
)
def test_a_pair_is_parted_when_one_side_goes(
    person: User, mine: Account, other: Account, changed: dict[str, object]
) -> None:
    out, into = _pair(mine, other)
    _find(person)
    Transaction.objects.filter(pk=out.pk).update(**changed)
    assert _find(person).undone == 2
    into.refresh_from_db()
    assert into.transfer_pair is None
    assert (into.category.slug, into.category_reason) == ("income-people", Transaction.Reason.FIXED_TEXT)


def test_removing_an_account_gives_the_other_side_its_category_back(
    person: User, mine: Account, other: Account
) -> None:
    _out, into = _pair(mine, other)
    _find(person)
    removal.remove_account(account=mine, now=NOON)
    into.refresh_from_db()
    assert (into.transfer_pair, into.kind) == (None, "income")
    assert not Transaction.objects.filter(account=mine.pk).exists()


@pytest.mark.parametrize(("known", "offered"), [(True, 1), (False, 0)])
def test_money_changed_between_own_accounts_is_asked_about_at_a_stated_rate(
    person: User, mine: Account, known: bool, offered: int
) -> None:
    dollars = _account(person, "abank", "40817840000000002222", currency="USD")
    if known:
        ExchangeRate.objects.create(currency="USD", date=NOON.date(), rate=Decimal(80), source="cbr")
    text = "Перевод между своими счетами"
    out = _row(mine, -8000, text, slug="transfer-own")
    into = _row(dollars, 101, text, slug="transfer-own", currency="USD")

    assert _find(person).found == 0

    matches = TransferMatch.objects.suggested()
    assert [(match.out, match.into, "rate" in match.reasons) for match in matches] == [
        (out, into, True)
    ] * offered


def test_only_the_days_in_question_are_looked_at(person: User, mine: Account, other: Account) -> None:
    _pair(mine, other)
    latest = NOON + REACH
    assert _find(person, since=(latest + timedelta(days=2)).date()).found == 0
    assert _find(person, since=latest.date()).found == 1


def test_queries_do_not_grow_with_rows(person: User, mine: Account, other: Account) -> None:
    counts = []
    for amount in (10, 40):
        for number in range(amount):
            _pair(mine, other, amount=f"{amount}{number}.00")
        with CaptureQueriesContext(database) as queries:
            assert _find(person).found == amount
        counts.append(len(queries))
    assert counts[0] == counts[1]


@dataclass
class Life:
    """A person's accounts and rows, and which of those are really two sides of one transfer."""

    person: User
    accounts: list[Account]
    truth: set[frozenset[int]]
    own: set[int]


def _life(random: Random) -> Life:
    person = UserFactory()
    digits = count(1)
    accounts = [
        _account(person, bank, f"408178100000{random.randrange(10**4):04}{next(digits):04}")
        for bank in ("vbank", "vbank", "abank", "sbank")
    ]
    life = Life(person, accounts, set(), set())
    for _ in range(40):
        amount = Decimal(random.choice([500, 1000, 1000, 5000, 15000]))
        at = NOON + timedelta(minutes=random.randrange(60 * 24 * 30))
        if random.random() < 0.5:
            _transfer(random, life, amount, at)
        else:
            _strange(random, random.choice(accounts), amount, at).save()
    return life


def _transfer(random: Random, life: Life, amount: Decimal, at: datetime) -> None:
    """Money between two own accounts; now and then one side is not there: its bank is not connected."""
    source, target = random.sample(life.accounts, 2)
    bank = target.bank.code
    out_text, in_text = random.choice(
        [
            (f"Межбанковский перевод в {bank} на счет {target.number}", f"Перевод от счета {source.number}"),
            (f"Перевод на счет {target.number}: запас", f"Перевод от счета {source.number}: запас"),
            ("Перевод между своими счетами", "Перевод между своими счетами"),
            (f"Пополнение депозита {target.number}", f"Перевод от счета {source.number}"),
            (f"Перевод по СБП себе в {bank}", "Пополнение по СБП. Анна С."),
        ]
    )
    sides = [
        _built(source, -amount, out_text, at),
        _built(target, amount, in_text, at + timedelta(minutes=random.randrange(0, 40))),
    ]
    if random.random() < 0.15:
        sides.pop(random.randrange(2))
    for side in sides:
        side.save()
    life.own |= {side.pk for side in sides}
    if len(sides) == 2:
        life.truth.add(frozenset(side.pk for side in sides))


def _strange(random: Random, account: Account, amount: Decimal, at: datetime) -> Transaction:
    """A movement to or from the world, of a sum that transfers have as well."""
    text, sign = random.choice(
        [
            ("Перевод Ивану П.", -1),
            ("Перевод от Марии К.", 1),
            ("Пополнение по СБП. Мария К.", 1),
            ("Перевод на счет 40817810999999999999", -1),
            ("Перевод от счета 40817810999999999998", 1),
            ("Межбанковский перевод в abank на счет 40817810999999999997", -1),
            ("Зачисление заработной платы", 1),
            ("Снятие наличных", -1),
            ("Возврат неудачного перевода", 1),
            ("Аренда квартиры", -1),
        ]
    )
    return _built(account, sign * amount, text, at)


def _built(account: Account, amount: Decimal, text: str, at: datetime) -> Transaction:
    slug = "people-transfer" if amount < 0 else "income-people"
    if "платы" in text:
        slug = "income-salary"
    return TransactionFactory.build(
        account=account,
        user=account.user,
        amount=amount,
        description=text,
        booked_at=at,
        merchant_name="",
        category=category(slug),
        category_reason="fixed_text",
    )


def test_random_lives_have_no_false_pairs(db: None) -> None:
    found = strangers = true = exact = 0
    for seed in range(40):
        life = _life(Random(seed))
        _find(life.person)
        rows = Transaction.objects.filter(user=life.person).exclude(transfer_pair=None)
        pairs = {frozenset(pair) for pair in rows.values_list("pk", "transfer_pair")}
        found += len(pairs)
        true += len(life.truth)
        exact += len(pairs & life.truth)
        strangers += sum(not pair <= life.own for pair in pairs)
        assert _find(life.person) == Paired(found=0, undone=0)
    print(f"{found} pairs: {exact} of {true} true ones, {strangers} false")
    assert strangers == 0
    # Of two transfers that each lost a side, the sides left may look like one; both are own transfers.
    assert found - exact <= found / 100
    assert exact > true * 0.9


def test_a_part_of_the_history_gives_what_the_whole_would(db: None) -> None:
    for seed in range(6):
        life = _life(Random(seed))
        _find(life.person)
        whole = _matches(life.person)
        late = Transaction.objects.filter(user=life.person, booked_at__gte=NOON + timedelta(days=18))
        late.update(missing_since=NOON)
        _find(life.person)
        assert _matches(life.person) < whole
        late.update(missing_since=None)
        _find(life.person, since=(NOON + timedelta(days=18)).date())
        assert _matches(life.person) == whole


def _matches(person: User) -> set[tuple[object, ...]]:
    found = TransferMatch.objects.filter(user=person)
    return set(found.values_list("out", "into", "out__transfer_pair", "into__kind", "state"))
