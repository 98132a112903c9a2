"""Statements: the words that banks and programs write into their files."""

import re
from collections.abc import Mapping

# Names of columns, the surest first; a name fits a header that begins with it.
NAMES: Mapping[str, tuple[str, ...]] = {
    "date": ("дата операции", "дата транзакции", "дата", "date", "transaction date", "день"),
    "amount": ("сумма операции", "сумма в валюте счета", "сумма", "amount", "sum"),
    "debit": ("расход", "списание", "списано", "дебет", "debit", "withdrawal", "outflow"),
    "credit": (
        "приход",
        "доход",
        "зачисление",
        "зачислено",
        "поступление",
        "кредит",
        "credit",
        "deposit",
        "inflow",
    ),
    "description": (
        "описание",
        "назначение платежа",
        "назначение",
        "description",
        "details",
        "комментарий",
        "memo",
    ),
    "merchant": ("продавец", "магазин", "merchant", "payee", "получатель", "контрагент", "name"),
    "mcc": ("mcc", "мсс", "мкк"),
    "currency": ("валюта операции", "валюта", "currency"),
    "category": ("категория", "category"),
}
CURRENCY_WORDS = {
    **dict.fromkeys(("RUB", "RUR", "₽", "РУБ", "РУБ.", "Р", "Р.", "РУБЛЬ", "РУБЛИ", "643", "810"), "RUB"),
    **dict.fromkeys(("USD", "$", "840"), "USD"),
    **dict.fromkeys(("EUR", "€", "978"), "EUR"),
    **dict.fromkeys(("CNY", "¥", "156"), "CNY"),
}
CURRENCY_SIGN = re.compile(r"₽|руб\.?|р\.|[$€¥£]|[A-Za-z]{3}", re.IGNORECASE)
