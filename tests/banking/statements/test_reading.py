"""Files of banks and programs: how they are read, whatever they are written in, and how they are refused."""

from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from banking.statements import files, rows
from banking.statements.cells import Unreadable, amount_of, day_of
from banking.statements.columns import Columns, guess
from banking.statements.rows import BadLine, StatementRow

TODAY = date(2025, 11, 9)
LINES = (
    ("Дата", "Описание", "Сумма", "MCC", "Валюта", "Категория"),
    ("08.11.2025 14:05:00", "Пятёрочка, «у дома»", "-1 234,50", "5411", "RUB", "Супермаркеты"),
    ("2025-11-07", "=HYPERLINK(1)", "90000,00", "", "руб.", ""),
)


def written(lines: tuple[tuple[str, ...], ...], delimiter: str, decimal: str, encoding: str) -> bytes:
    quoted = (
        [f'"{cell}"' if delimiter in cell or '"' in cell else cell for cell in _decimal(line, decimal, place)]
        for place, line in enumerate(lines)
    )
    return "\r\n".join(delimiter.join(cells) for cells in quoted).encode(encoding)


def _decimal(line: tuple[str, ...], decimal: str, place: int) -> list[str]:
    return [cell.replace(",", decimal) if place and number == 2 else cell for number, cell in enumerate(line)]


def understood(data: bytes, columns: Columns | None = None) -> list[StatementRow | BadLine]:
    sheet = files.open_sheet(data)
    return list(rows.read(sheet, columns or guess(sheet), currency="RUB", today=TODAY))


@pytest.mark.parametrize(
    ("delimiter", "decimal", "encoding"),
    list(product((";", ",", "\t"), (",", "."), ("utf-8", "utf-8-sig", "cp1251", "utf-16"))),
)
def test_one_file_in_every_clothing_is_one_file(delimiter: str, decimal: str, encoding: str) -> None:
    purchase, salary = understood(written(LINES, delimiter, decimal, encoding))
    assert isinstance(purchase, StatementRow)
    assert isinstance(salary, StatementRow)
    assert (purchase.day, purchase.amount) == (date(2025, 11, 8), Decimal("-1234.50"))
    assert (purchase.description, purchase.mcc) == ("Пятёрочка, «у дома»", "5411")
    assert purchase.category == "Супермаркеты"
    assert (salary.day, salary.amount, salary.mcc) == (date(2025, 11, 7), Decimal(90000), "")


@pytest.mark.parametrize(
    ("file", "amounts"),
    [
        (
            "Выписка по счёту\n\nДата;Расход;Приход\n01.11.2025;100,50;\n02.11.2025;;7\nИтого;100,50;7",
            [-100.5, 7],
        ),
        ("date,amount\n2025-11-01T10:00:00Z,-5\n2025-11-02,(3)", [-5, -3]),
        ("01.11.2025;Кофе;-5,10\n02.11.25;Чай;+6", [-5.1, 6]),
        ("Дата операции;Дата платежа;Сумма операции;Описание\n01.11.2025;02.11.2025;-1 000,00;Х", [-1000]),
    ],
)
def test_headers_of_many_kinds_are_understood(file: str, amounts: list[float]) -> None:
    found = [row.amount for row in understood(file.encode()) if isinstance(row, StatementRow)]
    assert found == [Decimal(str(amount)) for amount in amounts]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (";-5;x", "нет даты"),
        ("31.02.2025;-5;x", "31.02.2025"),
        ("10.11.2025;-5;x", "не наступил"),
        ("01.11.1889;-5;x", "не читается"),
        ("01.11.2025;;x", "нет суммы"),
        ("01.11.2025;0,00;x", "равна нулю"),
        ("01.11.2025;пять;x", "«пять»"),
        ("01.11.2025;1e5;x", "1e5"),
        ("01.11.2025;-9999999999,00;x", "велика"),
        (f"01.11.2025;{'9' * 5000};x", "не читается"),
        (f"01.11.2025;-5;{'я' * 3000}", "длиннее"),
        ("01.11.2025;-5;x;USD", "USD"),
    ],
)
def test_a_line_that_is_no_row_is_told_by_its_number(line: str, why: str) -> None:
    good, bad = understood(f"Дата;Сумма;Описание;Валюта\n01.11.2025;-1,50;ok;RUB\n{line}".encode())
    assert isinstance(good, StatementRow)
    assert isinstance(bad, BadLine)
    assert bad.line == 3
    assert why in bad.why


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "пустой"),
        (b" \n \n", "пустой"),
        (b"PK\x03\x04" + bytes(100), "Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"date;sum\n2025-11-01;\x00", "двоичные"),
        (bytes(range(256)) * 10, "кодировке"),
        ("Дата;Сумма;Описание".encode() + b"\n\xff\xfe", "кодировке"),
        (b"\xff\xfe\x00", "кодировке"),
        ("просто письмо без столбцов".encode(), "столбцов"),
        (b"a;b\n" + b";".join([b"1"] * 200), "слишком много столбцов"),
        (b'date;sum\n2025-11-01;"' + b"x" * 200_000, "кавычка"),
        (b"date;sum\n" + b"2025-11-01;1\n" * (files.MOST_ROWS + 1), "50 000"),
        (b"x" * (files.MOST_BYTES + 1), "10 МБ"),
        (b"\x98" * 50, "кодировке"),
    ],
)
def test_what_is_no_table_is_refused_in_words(data: bytes, why: str) -> None:
    with pytest.raises(files.UnreadableFile) as refusal:
        understood(data)
    assert why in str(refusal.value)


def test_two_equal_coffees_are_two_and_the_same_file_has_the_same_keys() -> None:
    file = "Дата;Сумма;Описание\n01.11.2025;-5,00;Кофе\n01.11.2025;-5,00;Кофе\n02.11.2025;-5,00;Кофе"
    first, again = understood(file.encode()), understood(file.encode("cp1251"))
    keys = [row.key for row in first if isinstance(row, StatementRow)]
    assert len(set(keys)) == 3
    assert keys == [row.key for row in again if isinstance(row, StatementRow)]


def test_spending_without_a_minus_is_turned_round() -> None:
    columns = Columns(date=0, amount=1, description=2, decimal=",", inverted=True)
    (row,) = understood("Дата;Сумма;Что\n01.11.2025;5,00;Кофе".encode(), columns)
    assert isinstance(row, StatementRow)
    assert row.amount == Decimal(-5)


@pytest.mark.parametrize(
    ("text", "decimal", "amount"),
    [
        ("1,234.50", ".", "1234.50"),
        ("1.234,50", ",", "1234.50"),
        ("1'234.50", ".", "1234.50"),
        ("1 234", "", "1234"),
        ("−5,5 ₽", ",", "-5.50"),
        ("12 руб.", "", "12"),
        ("RUB 7.1", ".", "7.10"),
    ],
)
def test_amounts_as_files_write_them(text: str, decimal: str, amount: str) -> None:
    assert amount_of(text, decimal=decimal) == Decimal(amount)


def test_an_ambiguous_amount_is_asked_about() -> None:
    with pytest.raises(Unreadable, match="копейки"):
        amount_of("1,234", decimal="")


def test_a_moment_with_a_zone_is_a_day_in_moscow() -> None:
    assert day_of("2025-11-01T22:30:00Z") == date(2025, 11, 2)
