"""The review of transfers: pairs are asked about, decided and taken back, by page and by API alike."""

from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from banking import edits
from banking.models import Account, Edit, Transaction, TransferMatch
from banking.queries.transaction_filter import TransactionFilter
from banking.queries.transactions import filtered_totals
from banking.sync import refunds, transfers
from financehub.users.models import User
from tests.analytics.test_one_figure import spending_everywhere
from tests.factories import NOW, AccountFactory, BankFactory, ConnectionFactory, TransactionFactory

REVIEW = "/transfers/review/"
API = "/api/v1/transactions/transfers/review"


@pytest.fixture(autouse=True)
def _now(db: None) -> object:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def accounts(anna: User) -> list[Account]:
    return [
        AccountFactory(connection=ConnectionFactory(user=anna, bank=BankFactory(code=code, short_name=code)))
        for code in ("vbank", "abank")
    ]


@pytest.fixture
def likely(anna: User, accounts: list[Account]) -> TransferMatch:
    """A pair of which one text names the other bank and the other text nothing."""
    words = {"merchant_name": "", "category_reason": "fixed_text"}
    TransactionFactory(
        account=accounts[0],
        amount=Decimal(-500),
        description="Межбанковский перевод в abank",
        slug="people-transfer",
        **words,
    )
    TransactionFactory(
        account=accounts[1], amount=Decimal(500), description="Пополнение", slug="income-other", **words
    )
    transfers.pair_own_transfers(user_id=anna.pk, since=None, now=NOW)
    return TransferMatch.objects.get()


def _sums(user: User) -> tuple[Decimal, Decimal]:
    flows = filtered_totals(user=user, wanted=TransactionFilter()).flows
    return (flows[0].income, flows[0].spending) if flows else (Decimal(0), Decimal(0))


def test_a_pair_is_shown_with_its_reasons_and_decided_on(
    anna: User, anna_client: Client, likely: TransferMatch
) -> None:
    assert REVIEW in anna_client.get("/overview/").content.decode()
    page = anna_client.get(REVIEW).content.decode()
    for words in (
        "Межбанковский перевод в abank",
        "Пополнение",
        "в тексте назван банк другого счёта",
        "Это перевод",
    ):
        assert words in page
    assert _sums(anna) == (500, 500)
    answer = anna_client.post(f"{REVIEW}{likely.pk}/accept/", follow=True)
    assert "Отмечено как перевод." in answer.content.decode()
    assert _sums(anna) == (0, 0)
    anna_client.post(f"{REVIEW}{likely.pk}/undo/")
    assert _sums(anna) == (500, 500)
    anna_client.post(f"{REVIEW}{likely.pk}/reject/")
    page = anna_client.get(REVIEW).content.decode()
    assert "Проверять нечего" in page
    assert f"{REVIEW}{likely.pk}/undo/" in page
    assert REVIEW not in anna_client.get("/overview/").content.decode()


def test_spending_is_one_figure_whatever_is_decided(
    anna: User, anna_client: Client, likely: TransferMatch, accounts: list[Account]
) -> None:
    TransactionFactory(account=accounts[0], amount=Decimal("-412.35"))
    edits.set_note(user=anna, rows=Transaction.objects.all(), note="pyaterochka", now=NOW)
    Transaction.objects.update(search_text="pyaterochka")
    for deed, spending in (
        ("accept", "412.35"),
        ("undo", "912.35"),
        ("reject", "912.35"),
        ("undo", "912.35"),
    ):
        anna_client.post(f"{REVIEW}{likely.pk}/{deed}/")
        assert spending_everywhere(anna, anna_client, account=accounts[0]) == {Decimal(spending)}


def test_a_pair_is_parted_on_the_page_of_its_row(
    anna: User, anna_client: Client, likely: TransferMatch
) -> None:
    anna_client.post(f"{REVIEW}{likely.pk}/accept/")
    address = f"/transactions/{likely.into_id}/"
    assert f"{address}unpair/" in anna_client.get(address).content.decode()
    anna_client.post(f"{address}unpair/")
    likely.refresh_from_db()
    assert (likely.state, _sums(anna)) == (TransferMatch.State.REJECTED, (500, 500))
    assert "пара перевода отделена" in anna_client.get(address).content.decode()
    anna_client.post(f"/transactions/edits/{Edit.objects.latest('pk').pk}/undo/")
    assert _sums(anna) == (0, 0)


def test_a_failed_transfer_is_explained_and_in_no_figure(
    anna: User, anna_client: Client, accounts: list[Account]
) -> None:
    texts = (("-500", "Межбанковский перевод в sbank"), ("500", "Возврат неудачного перевода"))
    rows = [
        TransactionFactory(
            account=accounts[0],
            amount=Decimal(amount),
            description=text,
            slug="people-transfer",
            merchant_name="",
        )
        for amount, text in texts
    ]
    transfers.pair_own_transfers(user_id=anna.pk, since=None, now=NOW)
    assert _sums(anna) == (0, 0)
    for row in rows:
        page = anna_client.get(f"/transactions/{row.pk}/").content.decode()
        assert "Перевод не прошёл, деньги вернулись" in page
    assert anna_client.get("/transactions/").content.decode().count("Перевод не прошёл") == 2


def test_a_refund_and_its_purchase_show_each_other(
    anna: User, anna_client: Client, accounts: list[Account]
) -> None:
    bought = TransactionFactory(account=accounts[0], amount=Decimal(-250))
    back = TransactionFactory(account=accounts[0], amount=Decimal(250), is_refund=True, booked_at=NOW)
    refunds.link_refunds(user_id=anna.pk, since=None)
    assert f'"/transactions/{back.pk}/"' in anna_client.get(f"/transactions/{bought.pk}/").content.decode()
    page = anna_client.get(f"/transactions/{back.pk}/").content.decode()
    assert f'"/transactions/{bought.pk}/"' in page
    address = f"/transactions/{back.pk}/refund/"
    anna_client.post(address)
    assert "Возвращено" not in anna_client.get(f"/transactions/{bought.pk}/").content.decode()
    assert f'value="{bought.pk}"' in anna_client.get(f"/transactions/{back.pk}/").content.decode()
    small = TransactionFactory(account=accounts[0], amount=Decimal(-10))
    for refused in (small.pk, "9" * 5000, "\x00"):
        assert anna_client.post(address, {"purchase": refused}).status_code == 302
    assert "Возвращено" not in anna_client.get(f"/transactions/{small.pk}/").content.decode()
    anna_client.post(address, {"purchase": bought.pk})
    refunds.link_refunds(user_id=anna.pk, since=None)
    assert "Возвращено" in anna_client.get(f"/transactions/{bought.pk}/").content.decode()


def test_the_search_is_switched_off_and_on(anna: User, anna_client: Client, likely: TransferMatch) -> None:
    anna_client.post(f"{REVIEW}switch/", {"on": "0"})
    page = anna_client.get(REVIEW).content.decode()
    assert "Поиск переводов выключен" in page
    assert f"{REVIEW}{likely.pk}/accept/" not in page
    anna_client.post(f"{REVIEW}switch/", {"on": "1"})
    assert f"{REVIEW}{likely.pk}/accept/" in anna_client.get(REVIEW).content.decode()


def test_the_api_decides_as_the_page_does(anna_api: APIClient, likely: TransferMatch) -> None:
    (pair,) = anna_api.get(API).json()
    assert (pair["id"], pair["state"], pair["reasons"]) == (
        likely.pk,
        "suggested",
        ["bank", "same_hour", "unique"],
    )
    assert (pair["outgoing"]["amount"], pair["incoming"]["amount"]) == (500, 500)
    assert anna_api.post(f"{API}/accept-all").json() == {"accepted": 0}
    assert anna_api.post(f"{API}/{likely.pk}/accept").json()["outgoing"]["transfer_pair_id"] == likely.into_id
    assert anna_api.post(f"{API}/{likely.pk}/accept").status_code == 409
    assert anna_api.post(f"{API}/{likely.pk}/undo").json()["state"] == "suggested"
    assert anna_api.post(f"{API}/{likely.pk}/undo").status_code == 409
    assert anna_api.post(f"{API}/{likely.pk}/reject").json()["state"] == "rejected"
    assert anna_api.get(API).json() == []
    assert [each["id"] for each in anna_api.get(f"{API}?state=rejected").json()] == [likely.pk]
    assert anna_api.post(f"{API}/switch", {"enabled": False}, format="json").json() == {"enabled": False}
    assert anna_api.get(f"{API}/switch").json() == {"enabled": False}
    assert anna_api.post(f"{API}/999999/accept").status_code == 404
