"""The texts that banks themselves write for what is no purchase; they decide before any merchant's name."""

import functools
from collections.abc import Mapping
from typing import Final

from banking.categories.direction import directed
from banking.categories.index import Phrase, PhraseIndex
from banking.categories.normalise import normalise

# A description that begins with one of these means the category, whatever follows it.
_OPENINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "transfer-own": (
        "Перевод между своими счетами",
        "Перевод между счетами",
        "Перевод между моими счетами",
        "Между своими счетами",
        "Между счетами",
        "Перевод собственных средств",
        "Перевод на свой счёт",
        "Перевод со своего счёта",
        "Перевод с карты на свой счёт",
        "Перевод со счёта на свой счёт",
        "Перевод себе",
        "Перевод самому себе",
        "Перевод по СБП себе",
        "Перевод СБП себе",
        "Перевод через СБП себе",
        "Пополнение своего счёта",
        "Пополнение с карты другого банка",
        "Вывод на свою карту",
        "Own account transfer",
        "Perevod mezhdu svoimi schetami",
    ),
    "transfer-savings": (
        "Пополнение депозита",
        "Пополнение вклада",
        "Пополнение накопительного счёта",
        "Пополнение копилки",
        "Открытие депозита",
        "Открытие вклада",
        "Закрытие депозита",
        "Закрытие вклада",
        "Возврат депозита",
        "Возврат вклада",
        "Снятие с вклада",
        "Снятие со вклада",
        "Снятие с депозита",
        "Перевод на вклад",
        "Перевод на накопительный счёт",
        "Перевод в копилку",
    ),
    "transfer-card-payment": (
        "Погашение кредитной карты",
        "Пополнение кредитной карты",
        "Погашение задолженности по карте",
        "Погашение задолженности по кредитной карте",
        "Pogashenie kreditnoy karty",
    ),
    "transfer-investments": (
        "Пополнение брокерского счёта",
        "Перевод на брокерский счёт",
        "Вывод с брокерского счёта",
        "Перевод на ИИС",
        "Пополнение ИИС",
    ),
    "transfer-exchange": (
        "Покупка валюты",
        "Продажа валюты",
        "Обмен валюты",
        "Конвертация валюты",
        "Конверсионная операция",
    ),
    "transfer-cash-out": (
        "Снятие наличных",
        "Выдача наличных",
        "Получение наличных",
        "Снятие в банкомате",
        "Cash withdrawal",
        "ATM withdrawal",
        "Vydacha nalichnykh",
        "Vydacha nalichnyh",
        "Snyatie nalichnykh",
        "Snyatie nalichnyh",
    ),
    "transfer-cash-in": (
        "Внесение наличных",
        "Взнос наличных",
        "Приём наличных",
        "Пополнение наличными",
        "Пополнение счёта наличными",
        "Vnesenie nalichnykh",
        "Vnesenie nalichnyh",
        "Cash deposit",
        "Cash in",
    ),
    "transfer-loan-in": ("Выдача кредита", "Зачисление кредита", "Предоставление кредита", "Выдача займа"),
    "transfer-debt": ("Возврат долга", "Отдаю долг"),
    "finance-loan": (
        "Погашение кредита",
        "Погашение займа",
        "Платёж по кредиту",
        "Платёж по займу",
        "Оплата кредита",
        "Проценты по кредиту",
        "Проценты за пользование кредитом",
        "Погашение процентов по кредиту",
        "Списание по кредитному договору",
    ),
    "finance-mortgage": ("Погашение ипотеки", "Платёж по ипотеке", "Ипотечный платёж"),
    "finance-fees": (
        "Комиссия",
        "Списание комиссии",
        "Удержание комиссии",
        "Плата за обслуживание",
        "Плата за уведомления",
        "Плата за перевод",
        "Плата за выпуск карты",
        "Обслуживание карты",
        "Годовое обслуживание",
        "Ежемесячная плата за обслуживание",
        "Абонентская плата за пакет услуг",
        "Плата за услугу «Уведомления",
        "СМС-информирование",
        "Оповещение об операциях",
        "Bank fee",
        "Service fee",
        "Komissiya",
        "Возврат комиссии",
    ),
    "people-transfer": (
        "Межбанковский перевод",
        "Внешний перевод",
        "Исходящий перевод",
        "Перевод на счёт",
        "Перевод от счёта",
        "Перевод со счёта",
        "Перевод по номеру телефона",
        "Перевод на карту",
        "Перевод с карты",
        "Перевод клиенту",
        "Перевод физлицу",
        "Перевод частному лицу",
        "Перевод по СБП",
        "Перевод СБП",
        "Перевод через СБП",
        "СБП перевод",
        "SBP transfer",
        "Card2Card",
    ),
    "income-people": (
        "Входящий перевод",
        "Зачисление перевода",
        "Перевод от",
        "Поступление по СБП",
        "Поступление через СБП",
        "Incoming transfer",
    ),
    "income-salary": (
        "Заработная плата",
        "Зарплата",
        "Зачисление заработной платы",
        "Зачисление зарплаты",
        "Зачисление по зарплатному реестру",
        "Zachislenie zarplaty",
        "ЗП",
        "Выплата заработной платы",
        "Выплата зарплаты",
        "Перечисление заработной платы",
        "Перечисление зарплаты",
        "Перевод зарплаты",
        "Перевод заработной платы",
        "Оплата труда",
        "Отпускные",
        "Расчёт при увольнении",
        "Salary",
        "Payroll",
        "Zarplata",
        "Zarabotnaya plata",
    ),
    "income-advance": ("Аванс", "Зачисление аванса", "Выплата аванса"),
    "income-bonus": ("Премия", "Выплата премии", "Тринадцатая зарплата", "Годовая премия"),
    "income-pension": ("Пенсия", "Зачисление пенсии", "Выплата пенсии", "Страховая пенсия"),
    "income-scholarship": ("Стипендия", "Зачисление стипендии", "Выплата стипендии"),
    "income-benefits": (
        "Пособие",
        "Выплата пособия",
        "Зачисление пособия",
        "Детское пособие",
        "Детские выплаты",
        "Единовременная выплата",
        "Социальная выплата",
        "Материальная помощь",
    ),
    "income-interest": (
        "Проценты на остаток",
        "Процент на остаток",
        "Проценты по вкладу",
        "Проценты по депозиту",
        "Проценты по накопительному счёту",
        "Начисление процентов",
        "Выплата процентов",
        "Капитализация",
        "Interest",
        "Protsenty na ostatok",
    ),
    "income-dividends": (
        "Дивиденды",
        "Выплата дивидендов",
        "Выплата купона",
        "Купонный доход",
        "Погашение облигаций",
    ),
    "income-cashback": (
        "Кэшбэк",
        "Кешбэк",
        "Кэшбек",
        "Выплата кэшбэка",
        "Зачисление кэшбэка",
        "Вознаграждение за покупки",
        "Возврат бонусов",
        "Cashback",
    ),
    "income-taxrefund": ("Возврат налога", "Возврат НДФЛ", "Налоговый вычет", "Имущественный вычет"),
    "income-insurance": ("Страховая выплата", "Страховое возмещение", "Выплата по ОСАГО"),
    "income-compensation": ("Возмещение расходов", "Компенсация расходов", "Командировочные"),
    "income-freelance": ("Подработка", "Гонорар"),
    "other-adjustment": ("Корректировка остатка", "Исправительная проводка", "Начальный остаток"),
}
# Whole descriptions of the hosted sandbox, from before it sent merchants; normalising drops the emoji.
# Those that name two categories at once get the top level.
_WHOLE: Final[Mapping[str, str]] = {
    "🏪 Продукты": "groceries-supermarket",
    "🏠 ЖКХ/Аренда": "housing",
    "🚌 Транспорт": "transport",
    "🎬 Развлечения/Покупки": "leisure",
    "💰 Подработка/Бонус": "income-freelance",
}
# A transfer that came back is no income: it takes back the payment that it undoes.
_FAILED_TRANSFER: Final = "возврат неудачного перевода"
_TRANSFER_WORDS: Final = ("перевод", "perevod", "transfer")
_RETURN_WORDS: Final = ("возврат", "отмена", "сторно", "refund", "reversal", "chargeback", "vozvrat")


def opening(words: str, *, is_credit: bool) -> Phrase | None:
    """The fixed text that `words`, a normalised description, begins with or is."""
    whole = _whole(is_credit=is_credit).get(words)
    return whole or _openings(is_credit=is_credit).at_start(words)


def transfer_word(words: str) -> str | None:
    """The word for a transfer at the beginning; what follows it is a person's name, not a shop's."""
    return _first_word(words, _TRANSFER_WORDS)


def return_word(words: str) -> str | None:
    """The word for money coming back at the beginning."""
    return _first_word(words, _RETURN_WORDS)


@functools.cache
def _openings(*, is_credit: bool) -> PhraseIndex:
    phrases = [
        Phrase(words=normalise(text), text=text, slug=target)
        for slug, texts in _OPENINGS.items()
        if (target := directed(slug, is_credit=is_credit)) is not None
        for text in texts
    ]
    phrases.append(Phrase(_FAILED_TRANSFER, _FAILED_TRANSFER.capitalize(), "people-transfer"))
    return PhraseIndex(phrases)


@functools.cache
def _whole(*, is_credit: bool) -> Mapping[str, Phrase]:
    return {
        normalise(text): Phrase(words=normalise(text), text=text, slug=target)
        for text, slug in _WHOLE.items()
        if (target := directed(slug, is_credit=is_credit)) is not None
    }


def _first_word(words: str, known: tuple[str, ...]) -> str | None:
    first, _, _ = words.partition(" ")
    return first if first in known else None
