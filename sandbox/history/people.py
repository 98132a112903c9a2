"""Who the clients are: name, town, work, home, habits. Everything follows from the client's number."""

from dataclasses import dataclass
from datetime import date

from sandbox.history.seeds import stream

BANK_CODES = ("vbank", "abank", "sbank")
DEMO_INDEX = 100

_WOMEN = (
    ("Анна", "ANNA"),
    ("Мария", "MARIIA"),
    ("Елена", "ELENA"),
    ("Ольга", "OLGA"),
    ("Дарья", "DARIA"),
    ("Ирина", "IRINA"),
)
_MEN = (
    ("Алексей", "ALEKSEI"),
    ("Дмитрий", "DMITRII"),
    ("Сергей", "SERGEI"),
    ("Иван", "IVAN"),
    ("Павел", "PAVEL"),
    ("Тимур", "TIMUR"),
)
# The man's form; the woman's adds one letter in both alphabets.
_SURNAMES = (
    ("Соколов", "SOKOLOV"),
    ("Волков", "VOLKOV"),
    ("Лебедев", "LEBEDEV"),
    ("Новиков", "NOVIKOV"),
    ("Морозов", "MOROZOV"),
    ("Павлов", "PAVLOV"),
    ("Орлов", "ORLOV"),
    ("Андреев", "ANDREEV"),
    ("Макаров", "MAKAROV"),
    ("Захаров", "ZAKHAROV"),
    ("Борисов", "BORISOV"),
    ("Фролов", "FROLOV"),
)
_TOWNS = (
    ("Москва", "MOSKVA", "METRO MOSKVA"),
    ("Санкт-Петербург", "SANKT-PETERBU", "PODOROZHNIK SPB"),
    ("Казань", "KAZAN", "METROELEKTROTRANS KAZAN"),
    ("Екатеринбург", "EKATERINBURG", "METROPOLITEN EKB"),
    ("Нижний Новгород", "N.NOVGOROD", "NIZHEGORODSKOE METRO"),
    ("Новосибирск", "NOVOSIBIRSK", "METROPOLITEN NSK"),
)
_EMPLOYERS = (
    "ООО «Вектор Софт»",
    "АО «Северные Линии»",
    "ООО «Мастер Логистика»",
    "ПАО «Приволжские Сети»",
    "ООО «Студия Контур»",
    "ГБОУ Школа № 1520",
    "ООО «Торговый дом Пальмира»",
    "АО «НИИ Прибор»",
)
_SIDE_INCOMES = ("freelance", "none", "benefit", "none", "rent", "pension", "none", "freelance")
_PAYDAYS = ((5, 20), (10, 25), (7, 22), (15, 30))


@dataclass(frozen=True, slots=True)
class Person:
    """One client of the three banks, described by what moves money."""

    client_id: str
    index: int
    name: str
    latin_name: str
    town: str
    latin_town: str
    transit_text: str
    employer: str
    salary_2023: int
    salary_day: int
    advance_day: int
    side_income: str
    owns_home: bool
    has_car: bool
    has_children: bool
    has_pet: bool
    foreign_currency: str
    banks: tuple[str, str, str]

    @property
    def scale(self) -> float:
        """How much larger than typical this person's everyday spending is."""
        return self.salary_2023 / 125_000

    def raised_salary(self, day: date) -> int:
        """Return the month's pay in roubles: each March brings a raise."""
        raises = day.year - 2023 + (day.month >= 3)
        pay = self.salary_2023 * 1.075**raises
        return round(pay / 100) * 100


def person(*, client_id: str, index: int) -> Person:
    """Describe the client with this number."""
    rng = stream("person", client_id)
    woman = index % 2 == 1
    first, first_latin = (_WOMEN if woman else _MEN)[index // 2 % len(_WOMEN)]
    last, last_latin = _SURNAMES[(index * 5 + 1) % len(_SURNAMES)]
    town, latin_town, transit = _TOWNS[0 if index == 1 else index % len(_TOWNS)]
    salary_day, advance_day = _PAYDAYS[index % len(_PAYDAYS)]
    main = (index - 1) % 3
    return Person(
        client_id=client_id,
        index=index,
        name=f"{first} {last}{'а' if woman else ''}",
        latin_name=f"{first_latin} {last_latin}{'A' if woman else ''}",
        town=town,
        latin_town=latin_town,
        transit_text=transit,
        employer=_EMPLOYERS[index % len(_EMPLOYERS)],
        salary_2023=rng.randrange(88_000, 178_000, 500),
        salary_day=salary_day,
        advance_day=advance_day,
        side_income=_SIDE_INCOMES[index % len(_SIDE_INCOMES)],
        owns_home=index % 3 == 2,
        has_car=index % 2 == 1 or index % 5 == 0,
        has_children=index % 4 in {1, 2},
        has_pet=index % 3 == 1,
        foreign_currency=("USD", "EUR", "CNY")[(index + 2) % 3],
        banks=(BANK_CODES[main], BANK_CODES[(main + 1) % 3], BANK_CODES[(main + 2) % 3]),
    )
