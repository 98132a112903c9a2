import pytest
from hypothesis import given
from hypothesis import strategies as st

from banking.categories.transfers import TransferHint, TransferKind, transfer_hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (
            "Перевод на счет 4081781042906084631: за обед",
            TransferHint(TransferKind.ACCOUNT, "4081781042906084631"),
        ),
        (
            "Перевод от счета 408a91c07be2d43f5e: долг",
            TransferHint(TransferKind.ACCOUNT, "408a91c07be2d43f5e"),
        ),
        (
            "Межбанковский перевод в sbank на счет 4081",
            TransferHint(TransferKind.INTERBANK, "4081", "sbank"),
        ),
        (
            "Межбанковский перевод в ABANK на счёт •• 1002: в vbank на счет 7",
            TransferHint(TransferKind.INTERBANK, "1002", "abank"),
        ),
        (
            "Межбанковский перевод из vbank от счета 42301c7fe0a9d4518b62",
            TransferHint(TransferKind.INTERBANK, "42301c7fe0a9d4518b62", "vbank"),
        ),
        (
            "Пополнение депозита 42301c7fe0a9d4518b62",
            TransferHint(TransferKind.DEPOSIT, "42301c7fe0a9d4518b62"),
        ),
        ("Возврат неудачного перевода", TransferHint(TransferKind.RETURNED)),
        ("💸 Перевод между своими счетами", TransferHint(TransferKind.OWN)),
        ("Перевод по СБП себе в abank", TransferHint(TransferKind.OWN, None, "abank")),
        ("Пополнение по СБП. Анна С.", TransferHint(TransferKind.TOP_UP)),
        ("Погашение кредитной карты *1234", TransferHint(TransferKind.CARD_PAYMENT, "1234")),
        ("Перевод на счет мамы", TransferHint(TransferKind.ACCOUNT)),
    ],
)
def test_transfer_hint_reads_the_other_side(text: str, hint: TransferHint) -> None:
    assert transfer_hint(text) == hint


@pytest.mark.parametrize(
    "text",
    [
        "Покупка по карте",
        "Перевод Иван И.",
        "Перевод по СБП Ивану П.",
        "Счет 40817 за ресторан",
        "",
        "🙂",
        None,
    ],
)
def test_transfer_hint_is_silent_about_other_texts(text: str | None) -> None:
    assert transfer_hint(text) is None


def test_comment_of_the_person_is_no_evidence() -> None:
    assert transfer_hint("Перевод на счет 4081: верни на счет 9999") == TransferHint(
        TransferKind.ACCOUNT, "4081"
    )
    assert transfer_hint("Перевод между своими счетами: в vbank на счет 9") == TransferHint(TransferKind.OWN)


@given(st.none() | st.text() | st.text(alphabet="Перевод на счет0123abc:*•🙂 "))
def test_transfer_hint_never_raises(text: str | None) -> None:
    hint = transfer_hint(text)
    assert hint is None or isinstance(hint.kind, TransferKind)
