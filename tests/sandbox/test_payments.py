"""Payments at the bundled banks: consents, orders, both bookings, refusals, what survives the calendar."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from tests.bank_server import TEAM_ID
from tests.sandbox.conftest import Caller

CLIENT = "team075-1"
BANKS = ("vbank", "abank", "sbank")


class World:
    """The three banks as the team sees them, and what they themselves know."""

    def __init__(self, banks):
        self.banks = banks
        self.of = {bank: Caller(banks, bank) for bank in BANKS}
        self.places = {
            (bank, row["accountId"]): row["account"][0]["identification"]
            for bank in BANKS
            for row in self._listed(bank)
        }

    def _listed(self, bank):
        asked = self.of[bank].ask(CLIENT).json
        consent_id = asked.get("consent_id") or self._approved(bank, asked["request_id"])
        self.of[bank].headers["X-Consent-Id"] = consent_id
        return self.of[bank].get(f"/accounts?client_id={CLIENT}").json["data"]["account"]

    def _approved(self, bank, request_id):
        return self.banks.post(f"/{bank}/_control/requests/{request_id}/approve").json["consent_id"]

    def truth(self, bank):
        listed = self.banks.get(f"/{bank}/_control/accounts?client_id={CLIENT}").json
        return {row["account_id"]: row for row in listed}

    def accounts(self, bank, kind="checking", currency="RUB"):
        return [
            (row["account_id"], self.places[bank, row["account_id"]])
            for row in self.truth(bank).values()
            if (row["kind"], row["currency"]) == (kind, currency)
        ]

    def somewhere(self, kind="checking", currency="RUB"):
        """A bank with such an account, the account's id and number."""
        return next((bank, *found) for bank in BANKS for found in self.accounts(bank, kind, currency))

    def ask(self, bank, debtor, creditor, amount="150.00", **more):
        body = {
            "requesting_bank": TEAM_ID,
            "client_id": CLIENT,
            "debtor_account": debtor,
            "creditor_account": creditor,
            "amount": amount,
            "reference": "Отпуск",
        }
        return self.of[bank].post("/payment-consents/request", json=body | more)

    def consent(self, bank, debtor, creditor, amount="150.00", **more):
        return self.ask(bank, debtor, creditor, amount, **more).json["consent_id"]

    def pay(self, bank, consent_id, debtor, creditor, amount="150.00", *, currency="RUB", to=None):
        payee = {"identification": creditor} | ({"bank_code": to} if to else {})
        initiation = {
            "instructedAmount": {"amount": amount, "currency": currency},
            "debtorAccount": {"identification": debtor},
            "creditorAccount": payee,
            "comment": "Отпуск",
        }
        headers = self.of[bank].headers | ({"X-Payment-Consent-Id": consent_id} if consent_id else {})
        return self.banks.post(
            f"/{bank}/payments?client_id={CLIENT}",
            json={"data": {"initiation": initiation}, "risk": {}},
            headers=headers,
        )

    def status(self, bank, any_id):
        return self.of[bank].get(f"/payment-consents/{any_id}").json["data"]["status"]

    def is_consistent(self, bank):
        """Each balance is the opening and the rows shown as booked."""
        return all(
            Decimal(row["booked"]) == Decimal(row["opening"]) + self._booked(bank, account_id)
            for account_id, row in self.truth(bank).items()
        )

    def _booked(self, bank, account_id):
        signs = {"Credit": 1, "Debit": -1}
        return sum(
            signs[row["creditDebitIndicator"]] * Decimal(row["amount"]["amount"])
            for row in self.of[bank].rows(account_id)
            if row["status"] == "completed"
        )


@pytest.fixture
def world(banks):
    banks.post("/vbank/_control/reset")
    for bank in BANKS:
        banks.post(f"/{bank}/_control/switches", json={"auto_approve_payments": True})
    yield World(banks)
    banks.post("/vbank/_control/reset")


@pytest.fixture
def pair(world):
    """Two rouble accounts that can pay, in different banks."""
    (bank, account_id, number), *others = [(bank, *found) for bank in BANKS for found in world.accounts(bank)]
    other = next(place for place in others if place[0] != bank)
    return (bank, account_id, number), other


def test_a_transfer_between_banks_is_booked_on_both_sides(world, pair):
    (bank, account_id, number), (other_bank, other_id, other_number) = pair
    before, other_before = world.truth(bank)[account_id], world.truth(other_bank)[other_id]
    consent_id = world.consent(bank, number, other_number)
    paid = world.pay(bank, consent_id, number, other_number, to=other_bank)
    assert paid.status_code == 201
    assert paid.json["data"]["status"] == "AcceptedSettlementCompleted"

    payment_id = paid.json["data"]["paymentId"]
    assert world.of[bank].get(f"/payments/{payment_id}?client_id={CLIENT}").json == paid.json
    assert Decimal(world.truth(bank)[account_id]["booked"]) == Decimal(before["booked"]) - 150
    assert Decimal(world.truth(other_bank)[other_id]["booked"]) == Decimal(other_before["booked"]) + 150
    debit, credit = world.of[bank].rows(account_id)[0], world.of[other_bank].rows(other_id)[0]
    assert debit["transactionInformation"] == (
        f"Межбанковский перевод в {other_bank} на счет {other_number}: Отпуск"
    )
    assert credit["transactionInformation"] == f"Перевод от счета {number}: Отпуск"
    assert (debit["creditDebitIndicator"], credit["creditDebitIndicator"]) == ("Debit", "Credit")
    assert world.is_consistent(bank)
    assert world.is_consistent(other_bank)


def test_a_transfer_inside_a_bank_names_the_account(world):
    bank = next(bank for bank in BANKS if world.accounts(bank) and world.accounts(bank, "savings"))
    (account_id, number), (_, target) = world.accounts(bank)[0], world.accounts(bank, "savings")[0]
    assert world.pay(bank, world.consent(bank, number, target), number, target).status_code == 201
    assert world.of[bank].rows(account_id)[0]["transactionInformation"] == (
        f"Перевод на счет {target}: Отпуск"
    )


def test_a_deposit_is_topped_up(world, pair):
    bank, _, target = world.somewhere("deposit")
    (account_id, number) = world.accounts(bank)[0]
    assert world.pay(bank, world.consent(bank, number, target), number, target).status_code == 201
    assert world.of[bank].rows(account_id)[0]["transactionInformation"] == f"Пополнение депозита {target}"


def test_a_consent_serves_one_payment(world, pair):
    (bank, _, number), (other_bank, _, other) = pair
    consent_id = world.consent(bank, number, other)
    assert world.status(bank, consent_id) == "active"
    world.pay(bank, consent_id, number, other, to=other_bank)
    assert world.status(bank, consent_id) == "used"
    again = world.pay(bank, consent_id, number, other, to=other_bank)
    assert (again.status_code, again.json["detail"]["error"]) == (403, "INVALID_CONSENT")


def test_a_manual_bank_asks_its_client(world, pair):
    (bank, _, number), (other_bank, _, other) = pair
    world.banks.post(f"/{bank}/_control/switches", json={"auto_approve_payments": False})
    asked = world.ask(bank, number, other).json
    assert (asked["status"], asked["consent_id"]) == ("pending", None)
    assert world.status(bank, asked["request_id"]) == "pending"
    assert world.of[bank].delete(f"/payment-consents/{asked['request_id']}").status_code == 404
    refused = world.pay(bank, asked["request_id"], number, other, to=other_bank)
    assert refused.json["detail"]["error"] == "INVALID_CONSENT"

    world.banks.post(f"/{bank}/_control/payment-requests/{asked['request_id']}/approve")
    granted = world.of[bank].get(f"/payment-consents/{asked['request_id']}").json["data"]
    assert granted["status"] == "active"
    assert granted["consentId"].startswith("pcon-")
    assert world.pay(bank, granted["consentId"], number, other, to=other_bank).status_code == 201


def test_a_refused_request_never_pays(world, pair):
    (bank, _, number), (_, _, other) = pair
    world.banks.post(f"/{bank}/_control/switches", json={"auto_approve_payments": False})
    request_id = world.ask(bank, number, other).json["request_id"]
    world.banks.post(f"/{bank}/_control/payment-requests/{request_id}/reject")
    assert world.status(bank, request_id) == "rejected"


def test_a_revoked_consent_pays_nothing(world, pair):
    (bank, _, number), (other_bank, _, other) = pair
    consent_id = world.consent(bank, number, other)
    assert world.of[bank].delete(f"/payment-consents/{consent_id}").status_code == 204
    assert world.of[bank].delete(f"/payment-consents/{consent_id}").status_code == 204
    assert world.status(bank, consent_id) == "revoked"
    assert world.pay(bank, consent_id, number, other, to=other_bank).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "-150.00"},
        {"amount": "0.00"},
        {"amount": "150.01"},
        {"amount": "1e2"},
        {"amount": "ten"},
        {"amount": "١٥٠"},
        {"currency": "USD"},
        {"debtor": "40817810999999999999"},
        {"creditor": "40817810999999999999"},
        {"to": "same"},
        {"itself": True},
    ],
    ids=str,
)
def test_what_no_bank_should_book_is_refused_and_the_consent_stays(world, pair, change):
    (bank, account_id, number), (other_bank, _, other) = pair
    consent_id = world.consent(bank, number, other)
    before = world.truth(bank)[account_id]
    creditor = number if change.get("itself") else change.get("creditor", other)
    refused = world.pay(
        bank,
        consent_id,
        change.get("debtor", number),
        creditor,
        change.get("amount", "150.00"),
        currency=change.get("currency", "RUB"),
        to=bank if change.keys() & {"to", "itself"} else other_bank,
    )
    assert refused.status_code == 400
    assert world.status(bank, consent_id) == "active"
    assert world.truth(bank)[account_id] == before


def test_another_persons_account_is_not_debited(world, pair):
    (bank, _, _number), (other_bank, _, other) = pair
    world.banks.get(f"/{bank}/_control/accounts?client_id=team075-2")
    theirs = Caller(world.banks, bank).consent("team075-2")
    listed = theirs.get("/accounts?client_id=team075-2").json["data"]["account"]
    foreign = listed[0]["account"][0]["identification"]
    consent_id = world.consent(bank, foreign, other)
    refused = world.pay(bank, consent_id, foreign, other, to=other_bank)
    assert (refused.status_code, refused.json["detail"]) == (400, "Source account not found")


def test_more_than_there_is_cannot_be_paid(world, pair):
    (bank, _, number), (other_bank, _, other) = pair
    consent_id = world.consent(bank, number, other, "83000000.28")
    refused = world.pay(bank, consent_id, number, other, "83000000.28", to=other_bank)
    assert (refused.status_code, refused.json["detail"]) == (400, "Insufficient funds")
    assert world.status(bank, consent_id) == "active"


def test_parallel_payments_never_overdraw(world, pair):
    (bank, account_id, number), (other_bank, _, other) = pair
    available = Decimal(world.truth(bank)[account_id]["available"])
    part = str((available / 4).quantize(Decimal("0.01")) + 1)
    consents = [world.consent(bank, number, other, part) for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(
            threads.map(lambda each: world.pay(bank, each, number, other, part, to=other_bank), consents)
        )
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [400] * 5
    assert Decimal(world.truth(bank)[account_id]["available"]) == available - 3 * Decimal(part)


def test_a_rejected_payment_gives_the_money_back(world, pair):
    (bank, account_id, number), (other_bank, other_id, other) = pair
    world.banks.post(f"/{bank}/_control/switches", json={"settlement": "rejected"})
    before, other_before = world.truth(bank)[account_id], world.truth(other_bank)[other_id]
    paid = world.pay(bank, world.consent(bank, number, other), number, other, to=other_bank)
    assert (paid.status_code, paid.json["data"]["status"]) == (201, "Rejected")
    assert world.truth(bank)[account_id]["booked"] == before["booked"]
    assert world.truth(other_bank)[other_id] == other_before
    texts = {row["transactionInformation"].partition(" ")[0] for row in world.of[bank].rows(account_id)[:2]}
    assert texts == {"Возврат", "Межбанковский"}
    assert world.is_consistent(bank)


def test_a_delayed_payment_arrives_once(world, pair):
    (bank, _, number), (other_bank, other_id, other) = pair
    world.banks.post(f"/{bank}/_control/switches", json={"settlement": "delayed"})
    before = Decimal(world.truth(other_bank)[other_id]["booked"])
    paid = world.pay(bank, world.consent(bank, number, other), number, other, to=other_bank).json["data"]
    assert paid["status"] == "AcceptedSettlementInProcess"
    assert Decimal(world.truth(other_bank)[other_id]["booked"]) == before
    world.banks.post(f"/{bank}/_control/switches", json={"settlement": "instant"})
    for _ in range(2):
        shown = world.of[bank].get(f"/payments/{paid['paymentId']}").json["data"]
        assert shown["status"] == "AcceptedSettlementCompleted"
    assert Decimal(world.truth(other_bank)[other_id]["booked"]) == before + 150


def test_payments_stay_when_a_day_is_added(world, pair):
    (bank, account_id, number), (other_bank, _, other) = pair
    world.pay(bank, world.consent(bank, number, other), number, other, to=other_bank)
    world.banks.post("/vbank/_control/clock", json={"now": "2026-10-20T09:00:00Z"})
    texts = [row["transactionInformation"] for row in world.of[bank].rows(account_id)]
    assert sum(text.endswith("Отпуск") for text in texts) == 1
    assert world.is_consistent(bank)
    assert world.is_consistent(other_bank)


def test_a_reset_leaves_no_payment_behind(world, pair):
    (bank, _, number), (other_bank, _, other) = pair
    world.pay(bank, world.consent(bank, number, other), number, other, to=other_bank)
    world.banks.post("/vbank/_control/reset")
    fresh = World(world.banks)
    assert world.banks.get(f"/{bank}/_control/payments?client_id={CLIENT}").json == []
    assert fresh.is_consistent(bank)
    assert fresh.is_consistent(other_bank)


def test_the_published_form_is_asked_by_the_client(world, pair):
    (bank, _, number), (_, _, other) = pair
    world.banks.post(f"/{bank}/_control/switches", json={"dialect": "published"})
    initiation = {
        "instructedAmount": {"amount": "150.00", "currency": "RUB"},
        "debtorAccount": {"identification": number},
        "creditorAccount": {"identification": other},
        "remittanceInformation": {"unstructured": "Отпуск"},
    }
    body = {"data": {"initiation": initiation}, "risk": {}}
    address = f"/{bank}/payment-consents/request?client_id={CLIENT}"
    by_team = world.banks.post(address, json=body, headers=world.of[bank].headers)
    assert (by_team.status_code, by_team.json["detail"]) == (401, "Insufficient permissions")
    login = {"username": CLIENT, "password": "password"}
    token = world.banks.post(f"/{bank}/auth/login", json=login).json["access_token"]
    headers = {"Authorization": f"Bearer {token}", "X-Requesting-Bank": TEAM_ID}
    asked = world.banks.post(address, json=body, headers=headers).json
    assert asked["expires_in"] == "90 days"
    assert world.pay(bank, asked["consent_id"], number, other).status_code == 201
    flat = world.banks.post(address, json={"requesting_bank": TEAM_ID}, headers=headers)
    assert flat.json["detail"][0]["loc"] == ["body", "data"]
    garbage = world.pay(bank, asked["consent_id"], number, other, "ten")
    assert (garbage.status_code, garbage.text) == (500, "Internal Server Error")


def test_the_client_signs_a_transfer_on_the_banks_page(world, pair):
    (bank, _, number), (_, _, other) = pair
    world.banks.post(f"/{bank}/_control/switches", json={"auto_approve_payments": False})
    request_id = world.ask(bank, number, other).json["request_id"]
    page = f"/{bank}/client/consents.html?request_id={request_id}"
    assert CLIENT in world.banks.get(page).text
    world.banks.post(f"/{bank}/client/login", data={"client_id": CLIENT, "password": "password"})
    shown = world.banks.get(page).text
    assert "150,00" in shown
    mark = shown.partition('name="mark" value="')[2].partition('"')[0]
    done = world.banks.post(f"/{bank}/client/payments/{request_id}/approve", data={"mark": mark})
    assert done.headers["Location"].endswith("done=paid")
    assert world.status(bank, request_id) == "active"
    world.banks.post(f"/{bank}/client/logout", data={"mark": mark})


def test_an_answer_may_be_lost_after_the_booking(bank_server):
    headers = bank_server.granted("vbank", "team075-2")
    address = "/vbank/accounts?client_id=team075-2"
    listed = bank_server.call("GET", address, headers=headers).json()["data"]["account"]
    numbers = [row["account"][0]["identification"] for row in listed]
    known = bank_server.call("GET", "/vbank/_control/accounts?client_id=team075-2").json()
    paying = [row["account_id"] for row in known if row["kind"] in {"checking", "savings"}]
    by_id = {row["accountId"]: row["account"][0]["identification"] for row in listed}
    debtor = by_id[paying[0]]
    creditor = next(number for number in numbers if number != debtor)
    body = {
        "requesting_bank": TEAM_ID,
        "client_id": "team075-2",
        "debtor_account": debtor,
        "creditor_account": creditor,
        "amount": 10,
    }
    asked = bank_server.call("POST", "/vbank/payment-consents/request", json=body, headers=headers).json()
    bank_server.control("vbank", "faults", {"what": "execute_then_drop", "where": "payments", "times": 1})
    initiation = {
        "instructedAmount": {"amount": "10.00", "currency": "RUB"},
        "debtorAccount": {"identification": debtor},
        "creditorAccount": {"identification": creditor},
    }
    with pytest.raises(OSError, match=r"[Rr]eset|aborted"):
        bank_server.call(
            "POST",
            "/vbank/payments?client_id=team075-2",
            json={"data": {"initiation": initiation}},
            headers=headers | {"X-Payment-Consent-Id": asked["consent_id"]},
        )
    made = bank_server.call("GET", "/vbank/_control/payments?client_id=team075-2").json()
    assert [(payment["amount"], payment["status"]) for payment in made] == [
        ("10.00", "AcceptedSettlementCompleted")
    ]
    bank_server.control("vbank", "reset")
