"""Stored series follow their rows, whoever changes them and whenever."""

from datetime import date, timedelta

import pytest
import time_machine
from pytest_django import DjangoCaptureOnCommitCallbacks

from analytics import tasks
from analytics.models import RecurringSeries, SeriesReading, SeriesRow
from analytics.recurring import keeping, queries
from analytics.recurring.standing import State, standing
from banking import removal
from banking.models import Account, Transaction
from financehub.users.models import User
from tests.analytics.recurring.conftest import TODAY, Pay, monthly, only_series, row
from tests.factories import NOW, SeriesFactory, category, store_transactions

pytestmark = pytest.mark.django_db

JUNE_TO_OCTOBER = monthly(11, (2025, 6), 5)


def test_a_change_of_rows_is_told_to_the_worker_once(
    anna: User, rubles: Account, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as told:
        for day in JUNE_TO_OCTOBER:
            store_transactions(anna, [row(rubles, day, -299, "Иви")])
    assert len(told) == 1
    assert queries.is_due(user=anna)
    with time_machine.travel(NOW, tick=False):
        tasks.look_for_forgotten_series.call_local()
    assert only_series().sightings == 5
    assert not queries.is_due(user=anna)


def test_rows_that_change_meanwhile_are_looked_at_again(
    anna: User, rubles: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_transactions(anna, [row(rubles, day, -299, "Иви") for day in JUNE_TO_OCTOBER])
    look = keeping.detect

    def slow(rows):
        found = look(rows)
        store_transactions(anna, [row(rubles, TODAY, -299, "Иви")])
        return found

    monkeypatch.setattr(keeping, "detect", slow)
    assert not keeping.refresh(user_id=anna.pk, today=TODAY)
    assert not RecurringSeries.objects.exists()
    monkeypatch.setattr(keeping, "detect", look)
    assert keeping.refresh(user_id=anna.pk, today=TODAY)
    assert only_series().sightings == 6


def test_own_transfers_refunds_and_what_is_left_out_are_no_sightings(pay: Pay) -> None:
    transfers, refunds, excluded, declined = (
        {"slug": "transfer-own"},
        {"is_refund": True},
        {"excluded": True},
        {"status": Transaction.Status.DECLINED},
    )
    for number, fields in enumerate((transfers, refunds, excluded, declined)):
        pay(f"Контора {'абвг'[number]}", JUNE_TO_OCTOBER, -1000, **fields)
    assert not RecurringSeries.objects.exists()


def test_a_suggestion_goes_with_its_rows_and_a_decision_stays(pay: Pay) -> None:
    gone, kept = pay("Иви", JUNE_TO_OCTOBER, -299), pay("Окко", JUNE_TO_OCTOBER, -399)
    RecurringSeries.objects.filter(title="Окко").update(decision="confirmed")
    Transaction.objects.filter(pk__in=[one.pk for one in gone[1:] + kept[1:]]).update(excluded=True)
    pay("Кафе", [TODAY], -500)
    assert only_series().title == "Окко"
    assert set(SeriesRow.objects.values_list("transaction", flat=True)) == {kept[0].pk}


def test_a_bank_connected_anew_brings_no_dismissed_series_back(pay: Pay) -> None:
    rows = pay("Иви", JUNE_TO_OCTOBER, -299)
    RecurringSeries.objects.update(decision="dismissed")
    Transaction.objects.filter(pk__in=[one.pk for one in rows]).delete()
    pay("Иви", JUNE_TO_OCTOBER, -299)
    assert only_series().decision == "dismissed"
    assert SeriesRow.objects.count() == len(rows)


def test_series_go_with_their_account_and_with_their_person(anna: User, rubles: Account, pay: Pay) -> None:
    pay("Иви", JUNE_TO_OCTOBER, -299)
    removal.remove_account(account=rubles, now=NOW)
    assert queries.rows_of(series=only_series()) == []
    keeping.refresh(user_id=anna.pk, today=TODAY)
    assert not RecurringSeries.objects.exists()
    assert not SeriesRow.objects.exists()
    SeriesFactory(user=anna)
    anna.delete()
    assert not RecurringSeries.objects.exists()


def test_wages_of_one_employer_stay_two_series_from_month_to_month(pay: Pay) -> None:
    pay("АО Работа", monthly(5, (2025, 5), 6), 72000)
    pay("АО Работа", monthly(20, (2025, 5), 6), 48000)
    before = dict(RecurringSeries.objects.values_list("pk", "day_of_month"))
    assert sorted(before.values()) == [5, 20]
    pay("АО Работа", [date(2025, 11, 5)], 75000)
    assert dict(RecurringSeries.objects.values_list("pk", "day_of_month")) == before
    assert RecurringSeries.objects.get(day_of_month=5).price_before == 72000


def test_wages_without_an_employer_go_by_their_category(pay: Pay) -> None:
    texts = ("Зарплата", "Заработная плата", "Зарплата за май", "Выплата", "Зарплата")
    for text, day in zip(texts, JUNE_TO_OCTOBER, strict=True):
        pay("", [day], 90000, description=text)
    assert only_series().sightings == 5


STANDINGS = [
    ("2025-10-11", "suggested", 0, State.SUGGESTED, "2025-11-11"),
    ("2025-10-11", "confirmed", 0, State.CONFIRMED, "2025-11-11"),
    ("2025-10-07", "confirmed", 0, State.CONFIRMED, "2025-11-09"),  # two days late
    ("2025-10-04", "confirmed", 0, State.MISSED, "2025-12-04"),
    ("2025-10-04", "suggested", 0, State.MISSED, "2025-12-04"),
    ("2025-10-04", "confirmed", 4, State.CONFIRMED, "2025-11-09"),  # not read since the 5th
    ("2025-09-04", "confirmed", 0, State.ENDED, None),
    ("2025-09-04", "confirmed", 60, State.ENDED, None),  # no excuse for ever
    ("2025-10-11", "dismissed", 0, State.DISMISSED, None),
    ("2025-10-11", "ended", 0, State.ENDED, None),
]


@pytest.mark.parametrize("case", STANDINGS)
def test_a_series_stands_where_its_dates_put_it(
    rubles: Account, case: tuple[str, str, int, State, str | None]
) -> None:
    seen, decision, unread, state, next_on = case
    rubles.last_synced_at = NOW - timedelta(days=unread)
    day = date.fromisoformat(seen)
    series = SeriesFactory.build(
        user=rubles.user,
        account=rubles,
        slot_on=day,
        day_of_month=day.day,
        decision=decision,
        decided_at=NOW,
        category=category("subscriptions-video"),
    )
    found = standing(series, today=TODAY)
    assert (found.state, found.next_on) == (state, next_on and date.fromisoformat(next_on))
    assert found.unseen_days == (TODAY - day).days


def test_a_reading_belongs_to_one_person(anna: User, boris: User, pay: Pay) -> None:
    pay("Иви", JUNE_TO_OCTOBER, -299)
    assert not keeping.detect(())
    assert SeriesReading.objects.for_user(boris).count() == 0
    assert queries.judged(user=boris, today=TODAY) == []
