"""The tab of recurring payments: what it shows, and what a person decides there and takes back."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from analytics.models import RecurringSeries
from analytics.presenters.upcoming import upcoming
from analytics.recurring import queries
from banking import edits
from banking.models import Account, Transaction
from financehub.csv_files import BYTE_ORDER_MARK
from financehub.users.models import User
from tests.analytics.recurring.conftest import TODAY, Pay, monthly, only_series
from tests.factories import NOW

pytestmark = pytest.mark.django_db
PAGE = "/analytics/recurring/"


@pytest.fixture(autouse=True)
def at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cinema(pay: Pay) -> RecurringSeries:
    pay("Кинопоиск", monthly(11, (2025, 5), 6), -299, -299, -299, -299, -399, -399)
    return only_series()


def page(client: Client, **params: str) -> str:
    return client.get(PAGE, params).content.decode().replace("\xa0", " ")


def groups(client: Client) -> dict[str, list[str]]:
    """The names on the page by their group."""
    context = client.get(PAGE).context
    found = [group for section in context["sections"] for group in section.groups] + context["over"]
    return {group.title: [line.name for line in group.lines] for group in found if group.lines}


def decide(client: Client, series: RecurringSeries, do: str) -> str:
    """Press a button; the answer is the address that takes it back."""
    answer = client.post(f"{PAGE}{series.pk}/decide/", {"do": do}, follow=True)
    (message,) = answer.context["messages"]
    return str(message.extra_tags)


def test_the_page_says_what_comes_when_for_how_much(anna_client: Client, cinema: RecurringSeries) -> None:
    shown = page(anna_client)
    assert groups(anna_client) == {"Похоже на регулярные": ["Кинопоиск"]}
    for words in (
        "каждый месяц, 11‑го",
        "следующий 11 ноября",
        "было 299,00 ₽, стало 399,00 ₽ с 11 сентября",
        "−4 788,00 ₽ в год",
        "ничего ещё не подтверждено",
        "До 8 декабря включительно",
    ):
        assert words in shown


def test_payments_and_incomes_stand_apart_and_currencies_are_not_added(
    anna_client: Client, cinema: RecurringSeries, pay: Pay, dollars: Account
) -> None:
    pay("АО Работа", monthly(5, (2025, 5), 7), 120000)
    pay("Hosting", monthly(20, (2025, 5), 6), -12, account=dollars)
    context = anna_client.get(PAGE).context
    payments, incomes = context["sections"]
    assert [line.name for group in payments.groups for line in group.lines] == ["Кинопоиск", "Hosting"]
    assert [line.name for group in incomes.groups for line in group.lines] == ["АО Работа"]
    shown = [figure["text"].replace("\xa0", " ") for figure in context["figures"]]
    assert shown == ["399,00 ₽ · 12,00 $", "4 788,00 ₽ · 144,00 $", "120 000,00 ₽"]


def test_decisions_move_a_series_and_are_taken_back(anna_client: Client, cinema: RecurringSeries) -> None:
    for do, group in (("confirm", "Подтверждённые"), ("end", "Закончились"), ("dismiss", "Не регулярные")):
        undo = decide(anna_client, cinema, do)
        assert groups(anna_client) == {group: ["Кинопоиск"]}
        anna_client.post(undo)
        assert groups(anna_client) == {"Похоже на регулярные": ["Кинопоиск"]}
    again = anna_client.post(undo, follow=True)
    assert "Это изменение уже отменено." in again.content.decode()


def test_an_undo_does_not_overwrite_a_later_decision(anna_client: Client, cinema: RecurringSeries) -> None:
    undo = decide(anna_client, cinema, "confirm")
    decide(anna_client, cinema, "dismiss")
    answer = anna_client.post(undo, follow=True)
    assert "решение с тех пор изменилось" in answer.content.decode()
    assert groups(anna_client) == {"Не регулярные": ["Кинопоиск"]}


def test_what_the_person_decided_survives_new_rows(
    anna: User, anna_client: Client, cinema: RecurringSeries, pay: Pay
) -> None:
    anna_client.post(f"{PAGE}{cinema.pk}/rename/", {"name": "Кино"}, follow=True)
    decide(anna_client, cinema, "dismiss")
    pay("Кинопоиск", [TODAY], -399)
    assert (only_series().called, only_series().sightings) == ("Кино", 7)
    assert groups(anna_client) == {"Не регулярные": ["Кино"]}
    assert not upcoming(user=anna, today=TODAY).lines


def test_what_was_ended_and_comes_again_is_suggested_anew(
    anna_client: Client, cinema: RecurringSeries, pay: Pay
) -> None:
    with time_machine.travel(NOW - timedelta(days=5)):
        decide(anna_client, cinema, "end")
    pay("Кинопоиск", [TODAY], -399)
    assert groups(anna_client) == {"Похоже на регулярные": ["Кинопоиск"]}


def test_the_page_of_a_series_shows_all_its_rows(
    anna_client: Client, boris_client: Client, cinema: RecurringSeries
) -> None:
    answer = anna_client.get(f"{PAGE}{cinema.pk}/")
    assert [row.value for row in answer.context["rows"]] == ["-399.00"] * 2 + ["-299.00"] * 4
    assert answer.context["spark"]
    assert boris_client.get(f"{PAGE}{cinema.pk}/").status_code == 404
    file = anna_client.get(f"{PAGE}{cinema.pk}/?csv=rows").content.decode()
    assert len(list(csv.reader(StringIO(file)))) == 7
    too_long = anna_client.post(f"{PAGE}{cinema.pk}/rename/", {"name": "я" * 101})
    assert too_long.status_code == 422


def test_rows_left_out_leave_their_series(anna: User, cinema: RecurringSeries, pay: Pay) -> None:
    newest = Transaction.objects.filter(pk__in=[row.pk for row in queries.rows_of(series=cinema)[:2]])
    edits.set_excluded(user=anna, rows=newest, excluded=True, now=NOW)
    assert queries.is_due(user=anna)
    pay("Кафе", [TODAY], -500)
    assert (only_series().sightings, only_series().amount) == (4, -299)
    assert not queries.is_due(user=anna)


def test_the_file_holds_every_series(anna_client: Client, cinema: RecurringSeries) -> None:
    file = anna_client.get(PAGE, {"csv": "recurring"}).content.decode().removeprefix(BYTE_ORDER_MARK)
    (line,) = csv.DictReader(StringIO(file))
    assert (line["Название"], line["Сумма"], line["В год"], line["Следующая дата"]) == (
        *("Кинопоиск", "-399.00", "-4788.00", "2025-11-11"),
    )
    assert anna_client.get(PAGE, {"csv": "nothing"}).status_code == 404


def test_a_short_history_says_what_is_missing(anna_client: Client, rubles: Account, pay: Pay) -> None:
    assert "Операций пока нет." in page(anna_client)
    pay("Кафе", [date(2025, 10, 30)], -500)
    assert "Нужно ещё 60 дней" in page(anna_client)
    pay("Кафе", [date(2025, 1, 30)], -510)
    assert "Они появятся сами" in page(anna_client)


def test_what_is_near_is_told_for_the_first_screen(anna: User, cinema: RecurringSeries, pay: Pay) -> None:
    pay("АО Работа", monthly(10, (2025, 5), 6), 120000)
    found = upcoming(user=anna, today=TODAY)
    assert [(one.iso, one.name, one.note) for one in found.lines] == [
        ("2025-11-10", "АО Работа", "вероятно"),
        ("2025-11-11", "Кинопоиск", "вероятно"),
    ]
    assert (found.out.replace("\xa0", " "), found.come.replace("\xa0", " ")) == ("−399,00 ₽", "+120 000,00 ₽")


def test_the_page_costs_the_same_for_one_series_and_for_many(
    anna_client: Client, pay: Pay, django_assert_max_num_queries
) -> None:
    for number in range(9):
        pay(f"Подписка {'абвгдежзи'[number]}", monthly(number + 1, (2025, 5), 6), -100 - number)
    with django_assert_max_num_queries(14):
        assert anna_client.get(PAGE).status_code == 200
    with django_assert_max_num_queries(10):
        assert anna_client.get(f"{PAGE}{RecurringSeries.objects.first().pk}/").status_code == 200


def test_the_api_tells_and_takes_the_same(
    anna_api: APIClient, boris_api: APIClient, cinema: RecurringSeries
) -> None:
    base = "/api/v1/analytics/recurring"
    (listed,) = anna_api.get(base).data
    assert (listed["state"], listed["next_date"], listed["cadence"]) == ("suggested", "2025-11-11", "monthly")
    assert (float(listed["yearly"]), float(listed["price_before"])) == (-4788, -299)
    assert anna_api.get(base, {"state": "ended"}).data == anna_api.get(base, {"kind": "income"}).data == []
    assert [one["date"] for one in anna_api.get(f"{base}/upcoming", {"days": 40}).data] == [
        *("2025-11-11", "2025-12-11"),
    ]
    for deed, state in (("dismiss", "dismissed"), ("end", "ended"), ("confirm", "confirmed")):
        assert anna_api.post(f"{base}/{cinema.pk}/{deed}").data["state"] == state
        assert boris_api.post(f"{base}/{cinema.pk}/{deed}").status_code == 404
    renamed = anna_api.patch(f"{base}/{cinema.pk}", {"name": "Кино"}, format="json").data
    assert (renamed["name"], renamed["bank_name"], len(renamed["transaction_ids"])) == (
        "Кино",
        "Кинопоиск",
        6,
    )
    assert anna_api.get(f"{base}/{cinema.pk}").data == renamed
    assert anna_api.get(f"{base}/upcoming", {"days": 0}).status_code == 422
    assert boris_api.get(base).data == []
