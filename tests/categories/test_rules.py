import csv
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from banking.categories import rules, tables

STRINGS = Path(__file__).with_name("bank_strings.csv")
DECIDED_HERE = set(rules.Reason) - {rules.Reason.PERSON, rules.Reason.RULE, rules.Reason.TRANSFER_PAIR}


def decide(
    text: str | None = None,
    *,
    merchant: str | None = None,
    mcc: str | None = None,
    code: str | None = None,
    word: str | None = None,
    amount: str = "-100",
) -> rules.Decision:
    return rules.decide(
        description=text,
        merchant_name=merchant,
        mcc=mcc,
        bank_code=code,
        bank_category=word,
        amount=Decimal(amount),
    )


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("PYATEROCHKA 14523 MOSKVA RUS", "groceries-supermarket"),
        ("ПЯТЁРОЧКА 14523 МОСКВА", "groceries-supermarket"),
        ("Магнит Косметик 1234", "beauty-cosmetics"),
        ("MAGNIT KOSMETIK 1234", "beauty-cosmetics"),
        ("YANDEX*EDA MOSCOW", "cafe-delivery"),
        ("Яндекс.Еда", "cafe-delivery"),
        ("YM*YANDEX.GO TAXI", "transport-taxi"),
        ("Яндекс Go такси", "transport-taxi"),
        ("Яндекс Самокаты", "transport-micromobility"),
        ("YANDEX SAMOKATY", "transport-micromobility"),
        ("SAMOKAT", "groceries-delivery"),
        ("Самокат", "groceries-delivery"),
        ("YANDEX*PLUS", "subscriptions-bundle"),
        ("Яндекс Плюс", "subscriptions-bundle"),
        ("KINOPOISK", "subscriptions-video"),
        ("Кинопоиск", "subscriptions-video"),
        ("Кинопоиск билеты", "leisure-cinema"),
        ("KINOPOISK BILETY", "leisure-cinema"),
        ("MTS MOBILE", "communication-mobile"),
        ("МТС", "communication-mobile"),
        ("METRO MOSKVA", "transport-public"),
        ("Метро Москва", "transport-public"),
        ("METRO STORE 1011", "groceries-supermarket"),
        ("МЕТРО Кэш энд Керри", "groceries-supermarket"),
        ("GAZPROMNEFT AZS 77", "car-fuel"),
        ("Газпромнефть АЗС 77", "car-fuel"),
        ("Лукойл АЗС", "car-fuel"),
        ("LUKOIL AZS", "car-fuel"),
        ("Аптека 36,6", "health-pharmacy"),
        ("APTEKA 36.6", "health-pharmacy"),
        ("VKUSNO - I TOCHKA 12", "cafe-fastfood"),
        ("Вкусно — и точка", "cafe-fastfood"),
        ("Красное&Белое", "groceries-alcohol"),
        ("KRASNOE&BELOE", "groceries-alcohol"),
        ("OZON.RU", "shopping-marketplace"),
        ("Озон", "shopping-marketplace"),
        ("WILDBERRIES 7492", "shopping-marketplace"),
        ("Вайлдберриз", "shopping-marketplace"),
        ("S7 AIRLINES", "travel-flights"),
        ("С7 Эйрлайнс", "travel-flights"),
        ("Межбанковский перевод в sbank на счет 4081", "people-transfer"),
        ("Перевод между своими счетами", "transfer-own"),
        ("PEREVOD MEZHDU SVOIMI SCHETAMI", "transfer-own"),
        ("Погашение кредитной карты", "transfer-card-payment"),
        ("Выдача наличных ATM 60012", "transfer-cash-out"),
        ("VYDACHA NALICHNYH ATM 60012", "transfer-cash-out"),
    ],
)
def test_decide_knows_the_text_of_a_payment(text: str, slug: str) -> None:
    assert decide(text).slug == slug


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Заработная плата", "income-salary"),
        ("ООО Работодатель Зарплата", "income-salary"),
        ("ZARABOTNAYA PLATA", "income-salary"),
        ("Проценты на остаток", "income-interest"),
        ("PROTSENTY NA OSTATOK", "income-interest"),
    ],
)
def test_decide_knows_the_text_of_an_income(text: str, slug: str) -> None:
    assert decide(text, amount="100").slug == slug


def bank_strings() -> list[dict[str, str]]:
    with STRINGS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def decide_row(row: dict[str, str]) -> rules.Decision:
    return decide(row["text"], mcc=row["mcc"], amount=row["sign"] + "100")


def test_decide_agrees_with_the_list_of_bank_strings() -> None:
    found = [(row, decide_row(row)) for row in bank_strings()]
    assert len(found) >= 300
    assert [(row, one) for row, one in found if (one.slug, one.reason) != (row["slug"], row["reason"])] == []


@pytest.mark.parametrize(
    ("language", "no_evidence"), [("ru", "Ни текст, ни код"), ("en", "Neither the text")]
)
def test_every_bank_string_is_explained_by_what_decided(language: str, no_evidence: str) -> None:
    unclear = []
    with override(language):
        for row in bank_strings():
            one = decide_row(row)
            category = tables.categories()[one.slug]
            name = category.name_ru if language == "ru" else category.name_en
            said = str(rules.explain(one.reason, one.detail, name))
            if (one.detail or no_evidence) not in said or not said.endswith(f"→ {name}"):
                unclear.append((row["text"], said))
    assert unclear == []


def test_bank_code_decides_before_text_and_mcc() -> None:
    decision = decide("Магнит", mcc="5411", code="PMNT-CCRD-CWDL")
    assert decision == rules.Decision("transfer-cash-out", rules.Reason.BANK_CODE, "CWDL")


def test_fixed_text_decides_before_keyword() -> None:
    decision = decide("Комиссия за перевод OZON", merchant="OZON", mcc="5399")
    assert (decision.slug, decision.reason) == ("finance-fees", "fixed_text")


def test_keyword_decides_before_mcc() -> None:
    decision = decide("Покупка по карте", merchant="Ателье «Нить»", mcc="5651", word="retail")
    assert decision == rules.Decision("clothes-tailor", rules.Reason.KEYWORD, "ателье")


def test_mcc_decides_before_the_banks_own_category() -> None:
    decision = decide("Покупка по карте", merchant="Заправка №4", mcc="5541", word="retail")
    assert decision == rules.Decision("car-fuel", rules.Reason.MCC, "5541")


@pytest.mark.parametrize(
    ("word", "slug"),
    [
        ("grocery", "groceries-supermarket"),
        ("restaurant", "cafe-restaurant"),
        ("gas_station", "car-fuel"),
        ("pharmacy", "health-pharmacy"),
        ("retail", "shopping"),
        ("transport", "transport"),
        ("Супермаркеты", "groceries-supermarket"),
        ("pets-vet", "pets-vet"),
    ],
)
def test_banks_own_category_is_the_last_evidence(word: str, slug: str) -> None:
    decision = decide("Покупка по карте", mcc="0000", word=word)
    assert (decision.slug, decision.reason) == (slug, "bank_category")


@pytest.mark.parametrize("word", ["other", "Uncategorised", "???", "nonsense"])
def test_banks_word_without_meaning_decides_nothing(word: str) -> None:
    assert decide("Покупка по карте", word=word).reason == "default"


def test_nothing_known_is_other_or_other_income() -> None:
    assert decide("Списание").slug == "other"
    assert decide("Зачисление", amount="1").slug == "income-other"


@pytest.mark.parametrize("code", ["01", "IssuedDebitTransfer", "ReceivedCreditTransfer"])
def test_code_that_tells_only_the_direction_decides_nothing(code: str) -> None:
    assert decide("🏪 Продукты", code=code).slug == "groceries-supermarket"
    assert decide("", code=code).reason == "default"


def test_transfer_code_decides_only_when_nothing_else_does() -> None:
    assert decide("", code="02") == rules.Decision("people-transfer", rules.Reason.BANK_CODE, "02")
    assert decide("", code="02", amount="5").slug == "income-people"
    assert decide("Пятёрочка", code="02").slug == "groceries-supermarket"


@pytest.mark.parametrize("mcc", ["4829", "6010", "6012", "6051", "6532", "6536", "6538", "6540"])
def test_names_of_people_are_not_taken_for_brands(mcc: str) -> None:
    decision = decide("PETROVICH ROZA", merchant="Магнит Кари Петрович", mcc=mcc)
    assert decision.reason == "mcc"


def test_name_behind_the_word_transfer_is_not_taken_for_a_brand() -> None:
    assert decide("Перевод Петрович А.").slug == "people-transfer"
    assert decide("Перевод Роза Букетова").slug == "people-transfer"
    assert decide("Перевод средств. Заработная плата", amount="9").slug == "income-salary"
    assert decide("Перевод в благотворительный фонд").slug == "gifts-charity"


def test_credit_with_a_shops_mcc_is_a_refund_in_the_shops_category() -> None:
    decision = decide("MAGAZIN 12", mcc="5651", amount="1999.00")
    assert decision == rules.Decision("clothes-clothing", rules.Reason.MCC, "5651", is_refund=True)


def test_failed_transfer_takes_back_the_payment() -> None:
    decision = decide("Возврат неудачного перевода", amount="500")
    assert (decision.slug, decision.is_refund) == ("people-transfer", True)


@pytest.mark.parametrize(
    ("mcc", "slug"),
    [
        ("6011", "transfer-cash-in"),
        ("6536", "income-people"),
        ("6012", "income-other"),
        ("7995", "income-other"),
    ],
)
def test_credit_without_a_shop_is_no_refund(mcc: str, slug: str) -> None:
    decision = decide("X", mcc=mcc, amount="10")
    assert (decision.slug, decision.is_refund) == (slug, False)


def test_debit_is_never_a_refund_nor_an_income() -> None:
    for keyword in tables.keywords():
        decision = decide(keyword.text)
        assert not decision.is_refund
        assert tables.categories()[decision.slug].kind != "income"


def test_longer_keyword_of_description_and_merchant_wins() -> None:
    assert decide("Магнит Косметик 77", merchant="Магнит").slug == "beauty-cosmetics"
    assert decide("Магнит", merchant="Магнит Косметик 77").slug == "beauty-cosmetics"


def test_keyword_does_not_span_merchant_and_description() -> None:
    assert decide("косметик", merchant="Магнит").slug == "groceries-supermarket"


@pytest.mark.parametrize("mcc", [None, "", " ", "54x1", "²³", "54110", "-541"])
def test_unreadable_mcc_is_no_mcc(mcc: str | None) -> None:
    assert decide("X", mcc=mcc).reason == "default"


TEXTS = st.none() | st.text() | st.text(alphabet="МАГНИТmagnit 0123456789*'ё🏪-")
ROWS = st.fixed_dictionaries(
    {
        "description": TEXTS,
        "merchant_name": TEXTS,
        "mcc": st.none() | st.text(max_size=5) | st.from_regex("[0-9]{4}", fullmatch=True),
        "bank_code": st.none() | st.text(max_size=20) | st.sampled_from(["01", "02", "PMNT-CCRD-CWDL"]),
        "bank_category": st.none() | st.text(max_size=20) | st.sampled_from(["retail", "grocery"]),
        "amount": st.decimals(allow_nan=False, allow_infinity=False, places=2),
    }
)


@given(ROWS)
def test_decide_always_gives_the_same_existing_category(row: dict[str, Any]) -> None:
    decision = rules.decide(**row)
    assert decision == rules.decide(**row)
    assert decision.slug in tables.categories()
    assert decision.reason in DECIDED_HERE


def test_every_keyword_is_found_in_capitals_behind_another_word() -> None:
    for keyword in tables.keywords():
        decision = decide(f"ZZQ*{keyword.text.upper()} 12 RUS", amount="1")
        assert (decision.reason, decision.detail) == ("keyword", keyword.text)


def test_decide_takes_time_in_proportion_to_the_text() -> None:
    short, long = "перевод янд маг про " * 150, "перевод янд маг про " * 3_000
    assert _cpu(long) < 60 * _cpu(short)


def _cpu(text: str) -> float:
    spent = []
    for _ in range(5):
        before = time.process_time()
        decide(text, merchant=text)
        spent.append(time.process_time() - before)
    return max(min(spent), 1e-5)
