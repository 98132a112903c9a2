"""Django admin knows every model, and changes none but people, banks and partners."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse

from banking import edits, importing
from banking.models import Account, TransferMatch
from financehub.users.models import User
from tests.factories import (
    NOW,
    AccountFactory,
    CategoryRuleFactory,
    ConsentFactory,
    ManualAccountFactory,
    SeriesFactory,
    SyncRunFactory,
    TransactionFactory,
    TransferFactory,
    only,
)

pytestmark = pytest.mark.django_db
OURS = [
    model for name in ("users", "banking", "analytics") for model in apps.get_app_config(name).get_models()
]
CHANGED = {"user", "loginbucket", "bank", "partnerbank"}


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("chief", "a-long-password-1"))
    return client


@pytest.fixture
def account(anna: User) -> Account:
    """One with a row of nearly everything around it."""
    account = AccountFactory(connection__user=anna, connection__token_sealed="sealed-token")
    ConsentFactory(connection=account.connection)
    SyncRunFactory(connection=account.connection)
    TransferFactory(from_account=account)
    CategoryRuleFactory(user=anna)
    SeriesFactory(user=anna, account=account)
    rows = [TransactionFactory(account=account, booked_at=NOW - timedelta(days=day)) for day in (1, 2)]
    TransferMatch.objects.create(user=anna, out=rows[0], into=rows[1], state="suggested", score=60)
    edits.set_note(user=anna, rows=only(rows[0]), note="x", now=NOW)
    book = ManualAccountFactory(user=anna)
    importing.upload(user=anna, account=book, file_name="x.csv", data=b"date;sum\n2025-11-01;-1", now=NOW)
    return account


def _url(model: type[models.Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def test_every_model_is_shown_with_search(chief: Client, account: Account) -> None:
    assert [model for model in OURS if not admin.site.is_registered(model)] == []
    for model in OURS:
        page = chief.get(_url(model, "changelist"), {"q": "anna"})
        assert (model, page.status_code) == (model, 200)
        row = model._default_manager.first()
        if row is not None:
            page = chief.get(_url(model, "change", row.pk))
            assert (model, page.status_code) == (model, 200)
            assert "sealed-token" not in page.content.decode(), model


def test_what_the_site_keeps_is_not_changed_by_hand(chief: Client, account: Account) -> None:
    for model in OURS:
        row = model._default_manager.first()
        if model._meta.model_name in CHANGED or row is None:
            continue
        answers = [
            chief.post(_url(model, "add"), {}),
            chief.post(_url(model, "change", row.pk), {}),
            chief.post(_url(model, "delete", row.pk), {"post": "yes"}),
        ]
        assert (model, [answer.status_code for answer in answers]) == (model, [403] * 3)


def test_a_bank_is_switched_off_and_keeps_its_code(chief: Client, account: Account) -> None:
    bank = account.bank
    values = {"code": "other", "name": "N", "short_name": "N", "monogram": "N", "hue": 1, "description": ""}
    assert chief.post(_url(type(bank), "change", bank.pk), values).status_code == 302
    bank.refresh_from_db()
    assert (bank.code, bank.is_active) == ("vbank", False)
    assert chief.post(_url(type(bank), "delete", bank.pk), {"post": "yes"}).status_code == 403
