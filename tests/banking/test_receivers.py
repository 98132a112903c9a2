"""What a team client's first login sets going, and what an account in another currency does."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.conf import LazySettings

from banking import manual, tasks
from banking.models import BankConnection
from financehub.users.models import User
from financehub.users.signals import team_client_registered
from tests.banking.sync.bank import Bank
from tests.factories import NOW, BankFactory


def test_every_active_bank_is_asked_for(anna: User, bank: Bank) -> None:
    BankFactory(code="closed", is_active=False)
    team_client_registered.send(sender=User, user=anna)
    asked = BankConnection.objects.filter(user=anna).values_list("bank__code", "status")
    assert sorted(asked) == [(code, "requested") for code in ("abank", "sbank", "vbank")]
    assert bank.calls == {}


def test_a_second_time_changes_nothing(anna: User, bank: Bank) -> None:
    team_client_registered.send(sender=User, user=anna)
    team_client_registered.send(sender=User, user=anna)
    assert BankConnection.objects.filter(user=anna).count() == 3


def test_a_book_in_another_currency_asks_for_the_rates_of_its_days(
    anna: User,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[list[Any]]],
) -> None:
    settings.RATES_URL = "http://127.0.0.1:1/rates"
    asked: list[date | None] = []
    monkeypatch.setattr(tasks, "load_rates", asked.append)
    for currency in ("USD", "RUB"):
        terms = manual.Terms(
            name="Наличные", kind="cash", opening_balance=Decimal(10), opening_on=date(2025, 3, 1)
        )
        with django_capture_on_commit_callbacks(execute=True):
            manual.create_account(user=anna, terms=terms, currency=currency, now=NOW)
    assert asked == [date(2025, 3, 1)]
