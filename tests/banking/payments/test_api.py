"""`/accounts/transfer` and the lists of transfers, with banks that really book."""

import json
from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from banking.models import Account, Transaction, Transfer
from financehub.users import tokens
from financehub.users.models import User
from tests.api import shapes
from tests.api.conftest import read
from tests.factories import NOW, AccountFactory, ConnectionFactory

ADDRESS = "/api/v1/accounts/transfer"
MADE = {
    "transaction_id": shapes.whole,
    "mirror_transaction_id": shapes.whole,
    "message": shapes.text,
    "transfer_id": shapes.text,
    "status": shapes.one_of("completed", "pending", "rejected"),
}
INTERNAL = {
    "payment_id": shapes.text,
    "id": shapes.text,
    "from_account_id": shapes.whole,
    "to_account_id": shapes.whole,
    "amount": shapes.num,
    "currency": shapes.text,
    "status": shapes.one_of("completed", "pending", "rejected"),
    "description": shapes.text,
    "created_at": shapes.instant,
}
INTERBANK = {
    "id": shapes.text,
    "user_id": shapes.whole,
    "from_account_id": shapes.whole,
    "to_account_id": shapes.whole,
    "partner_bank_id": shapes.whole,
    "partner_bank_code": shapes.text,
    "counterparty_account": shapes.text,
    "counterparty_name": shapes.text,
    "amount": shapes.num,
    "currency": shapes.text,
    "purpose": shapes.text,
    "consent_id": shapes.text,
    "status": shapes.one_of("completed", "pending", "rejected"),
    "transfer_metadata": lambda value: isinstance(value, dict),
    "initiated_at": shapes.instant,
    "settled_at": shapes.maybe(shapes.instant),
    "created_at": shapes.instant,
}


def send(api, body, *, key=None, status=201, address=ADDRESS):
    headers = {"Idempotency-Key": key} if key else {}
    return read(api.post(address, json.dumps(body), content_type="application/json", headers=headers), status)


def body_of(source, target, **changes):
    return {"from_account_id": source.pk, "to_account_id": target.pk, "amount": 10.5} | changes


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_transfer_answers_with_both_of_its_rows(anna_api, household, slash):
    body = body_of(household.source, household.elsewhere, description="Отпуск")
    made = send(anna_api, body, address=ADDRESS + slash)
    assert shapes.misfits(made, MADE) == []
    assert made["status"] == "completed"
    debit = Transaction.objects.get(pk=made["transaction_id"])
    credit = Transaction.objects.get(pk=made["mirror_transaction_id"])
    assert (debit.account, debit.amount, debit.kind) == (household.source, Decimal("-10.5"), "transfer")
    assert (credit.account, credit.amount) == (household.elsewhere, Decimal("10.5"))
    household.source.refresh_from_db()
    (transfer,) = Transfer.objects.all()
    assert household.bookings(transfer) == 1


def test_a_repetition_with_the_same_key_is_the_same_transfer(anna_api, household):
    body = body_of(household.source, household.savings)
    first = send(anna_api, body, key="k-1")
    again = send(anna_api, body, key="k-1")
    assert first["transfer_id"] == again["transfer_id"]
    assert household.bookings(Transfer.objects.get()) == 1
    conflict = send(anna_api, body | {"amount": 11}, key="k-1", status=409)
    assert conflict["detail"]


def test_a_lost_answer_is_pending_not_failed(anna_api, household, drive):
    household.strike("execute_then_drop", "payments", times=1)
    made = send(anna_api, body_of(household.source, household.savings))
    assert (made["status"], made["transaction_id"]) == ("pending", None)
    transfer = drive(Transfer.objects.get())
    assert (transfer.state, household.bookings(transfer)) == ("confirmed", 1)


def test_what_the_bank_refuses_is_400(anna_api, household):
    Account.objects.filter(pk=household.savings.pk).update(number="40817810999999999999")
    refused = send(anna_api, body_of(household.source, household.savings), status=400)
    assert "Перевод не выполнен" in refused["detail"]


@pytest.mark.parametrize(
    "amount",
    [
        0,
        -1,
        0.001,
        1e-30,
        10**20,
        "1e5",
        "١٢",
        "1,00",
        "",
        " 1",
        "+1",
        "ten",
        None,
        True,
        [],
        {},
        "0x10",
        "1_0",
    ],
    ids=repr,
)
def test_what_is_no_amount_is_422(anna_api, anna, amount):
    source = AccountFactory(connection=ConnectionFactory(user=anna))
    target = AccountFactory(connection=source.connection)
    refused = send(anna_api, body_of(source, target, amount=amount), status=422)
    assert refused["errors"][0].startswith("body -> amount")
    assert Transfer.objects.count() == 0


def test_rules_are_400_and_strange_accounts_404(anna_api, anna, boris):
    source = AccountFactory(connection=ConnectionFactory(user=anna))
    dollars = AccountFactory(connection=source.connection, currency="USD")
    target = AccountFactory(connection=source.connection)
    theirs = AccountFactory(connection=ConnectionFactory(user=boris))
    send(anna_api, body_of(source, source), status=400)
    send(anna_api, body_of(source, dollars), status=400)
    send(anna_api, body_of(source, target, amount=1000.01), status=400)
    assert send(anna_api, body_of(source, theirs), status=404)["detail"] == "Account not found"
    send(anna_api, body_of(theirs, source), status=404)
    send(anna_api, {"from_account_id": source.pk}, status=422)
    send(anna_api, body_of(source, target), key="ключ".encode().decode("latin-1"), status=422)
    send(anna_api, body_of(source, target), key="k" * 101, status=422)
    assert Transfer.objects.count() == 0


def made_of(user, **fields):
    source = AccountFactory(connection=ConnectionFactory(user=user))
    target = AccountFactory(connection=source.connection)
    usual = {
        "from_account": source,
        "to_account": target,
        "from_bank": source.bank,
        "to_bank": target.bank,
        "from_number": source.number,
        "to_number": target.number,
        "to_name": "Копилка",
        "amount": Decimal("12.50"),
        "currency": "RUB",
        "purpose": "Отпуск",
        "key": f"key-{source.pk}",
        "created_at": NOW,
    }
    return Transfer.objects.create(user=user, **(usual | fields))


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_lists_are_the_persons_own(anna_api, boris_api, anna, boris, slash):
    inside = made_of(anna)
    abank = AccountFactory(connection__user=anna, connection__bank__code="abank")
    across = made_of(
        anna, to_account=abank, to_bank=abank.bank, state="confirmed", sent_at=NOW, settled_at=NOW
    )
    made_of(boris)
    (found,) = read(anna_api.get(f"/api/v1/payments/transfers/internal{slash}"))
    assert shapes.misfits(found, INTERNAL) == []
    assert (found["id"], found["status"], found["amount"]) == (str(inside.pk), "pending", Decimal("12.5"))
    (found,) = read(anna_api.get(f"/api/v1/payments/transfers/interbank{slash}"))
    assert shapes.misfits(found, INTERBANK) == []
    assert (found["id"], found["status"]) == (str(across.pk), "completed")
    assert found["partner_bank_code"] == "abank"
    assert len(read(boris_api.get("/api/v1/payments/transfers/internal"))) == 1
    assert read(boris_api.get("/api/v1/payments/transfers/interbank")) == []


def test_an_administrator_sees_everybodys(anna, boris, banker_api):
    first, second = made_of(anna), made_of(boris, created_at=NOW.replace(hour=12))
    admin = User.objects.create_user("admin", None, role=User.Role.ADMIN)
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.AccessToken.for_user(admin)}")
    found = read(api.get("/api/v1/payments/transfers/internal"))
    assert [row["id"] for row in found] == [str(second.pk), str(first.pk)]
    assert read(banker_api.get("/api/v1/payments/transfers/internal")) == []


def test_the_lists_cost_one_query_for_any_length(anna_api, anna, django_assert_num_queries):
    for number in range(5):
        made_of(anna, key=f"key-{number}")
    with django_assert_num_queries(2):
        assert len(read(anna_api.get("/api/v1/payments/transfers/internal"))) == 5
