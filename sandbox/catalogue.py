"""The banks' products; amounts and rates in hundredths, a missing number is None."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """One product of one bank. Inactive ones are not listed but still have a page of their own."""

    product_id: str
    kind: str
    name: str
    description: str | None
    rate: int | None
    least: int | None
    most: int | None
    months: int | None
    active: bool = True


_ROUBLE = 100


def _deposit(
    bank: str, number: int, name: str, rate: int, least: int, *, months: int, note: str | None = None
) -> Product:
    product_id = f"prod-{bank}-deposit-{number:03d}"
    return Product(product_id, "deposit", name, note, rate, least * _ROUBLE, None, months)


def _loan(bank: str, number: int, name: str, rate: int, *, least: int, most: int, months: int) -> Product:
    product_id = f"prod-{bank}-loan-{number:03d}"
    return Product(product_id, "loan", name, "Без обеспечения", rate, least * _ROUBLE, most * _ROUBLE, months)


def _debit(bank: str, name: str, note: str) -> Product:
    return Product(f"prod-{bank}-card-001", "debit_card", name, note, 0, 0, None, None)


def _credit(bank: str, name: str, note: str, rate: int, most: int) -> Product:
    return Product(f"prod-{bank}-card-002", "credit_card", name, note, rate, 0, most * _ROUBLE, None)


def _withdrawn(bank: str, name: str) -> Product:
    product_id = f"prod-{bank}-deposit-099"
    return Product(product_id, "deposit", name, None, 1100, 10_000 * _ROUBLE, None, 3, active=False)


CATALOGUE: dict[str, tuple[Product, ...]] = {
    "vbank": (
        _deposit("vbank", 1, "Вклад «Надёжный»", 850, 50_000, months=12, note="Фиксированная ставка"),
        _deposit("vbank", 2, "Вклад «Сезон»", 925, 10_000, months=6),
        _loan("vbank", 1, "Кредит на любые цели", 1290, least=50_000, most=3_000_000, months=36),
        _debit("vbank", "Карта «Повседневная»", "Кэшбэк до 2 %"),
        _credit("vbank", "Кредитная карта «120 дней»", "120 дней без процентов", 1590, 500_000),
        Product(
            "prod-vbank-account-001", "account", "Накопительный счёт", "На остаток", 900, None, None, None
        ),
        _withdrawn("vbank", "Вклад «Летний»"),
    ),
    "abank": (
        _deposit("abank", 1, "Вклад «Высокий»", 900, 100_000, months=12, note="Проценты в конце срока"),
        _deposit("abank", 2, "Вклад «Свобода»", 780, 5_000, months=24, note="Снятие без потери процентов"),
        _loan("abank", 1, "Кредит наличными", 1350, least=100_000, most=2_500_000, months=24),
        _debit("abank", "Карта «Путешествия»", "Мили за покупки"),
        _credit("abank", "Кредитная карта «Простая»", "55 дней без процентов", 1650, 300_000),
        Product(
            "prod-abank-account-001", "account", "Счёт «Копилка»", None, 850, 1_000 * _ROUBLE, None, None
        ),
        _withdrawn("abank", "Вклад «Юбилейный»"),
    ),
    "sbank": (
        _deposit("sbank", 1, "Вклад «Умный»", 800, 30_000, months=6, note="Пополняемый"),
        _deposit("sbank", 2, "Вклад «Валютный»", 210, 500, months=12, note="В юанях"),
        _loan("sbank", 1, "Кредит «Лёгкий»", 1400, least=30_000, most=1_500_000, months=18),
        _debit("sbank", "Карта «Смарт»", "Бесплатное обслуживание"),
        _credit("sbank", "Карта рассрочки", "До 12 месяцев у партнёров", 2150, 200_000),
        Product("prod-sbank-loan-002", "loan", "Ипотека", "На готовое жильё", 910, None, None, 240),
        _withdrawn("sbank", "Вклад «Зимний»"),
    ),
}
