"""The shops: names, bank texts, merchant codes and usual prices in roubles of 2023."""

from dataclasses import dataclass

from sandbox.history.seeds import stable_hash

# In texts {n} is a shop number, {town} the town in Latin capitals.
QR = "Оплата по QR-коду СБП. "


@dataclass(frozen=True, slots=True)
class Merchant:
    """A place that takes money, with the texts by which banks report it."""

    name: str
    mcc: str
    category: str
    low: int
    usual: int
    high: int
    texts: tuple[str, ...]

    @property
    def id(self) -> str:
        """Return the id that the bank gives to the merchant."""
        return f"merchant-{self.category.replace('_', '-')}-{stable_hash(self.name) % 1000:03d}"


@dataclass(frozen=True, slots=True)
class Habit:
    """Something a person buys now and again."""

    name: str
    per_month: float
    hours: tuple[int, int]
    weekend: float
    merchants: tuple[Merchant, ...]
    needs: str | None = None


def _m(name: str, mcc: str, category: str, prices: tuple[int, int, int], *texts: str) -> Merchant:
    return Merchant(name, mcc, category, *prices, texts)


_GROCERIES = (
    _m(
        "Пятёрочка",
        "5411",
        "grocery",
        (150, 720, 2900),
        "PYATEROCHKA {n} {town} RUS",
        "Пятёрочка {n}",
        "ПЯТЕРОЧКА {n}",
    ),
    _m("Магнит", "5411", "grocery", (140, 640, 2600), "MAGNIT MM {n} {town} RUS", "Магнит у дома"),
    _m("Перекрёсток", "5411", "grocery", (250, 1150, 4300), "PEREKRESTOK {n} {town} RUS", "Перекрёсток {n}"),
    _m("ВкусВилл", "5411", "grocery", (180, 830, 3200), "VKUSVILL {n} {town} RUS", "ВкусВилл {n}", ""),
    _m("Лента", "5411", "grocery", (600, 2400, 8900), "LENTA {n} {town} RUS", "🏪 Продукты"),
    _m("Дикси", "5411", "grocery", (120, 560, 1900), "DIXY {n} {town} RUS"),
    _m("Ашан", "5411", "grocery", (500, 1900, 7400), "AUCHAN {town} RUS"),
)
_DELIVERY = (
    _m("Самокат", "5411", "grocery", (400, 980, 2400), "SAMOKAT", QR + "Самокат"),
    _m("Яндекс Лавка", "5411", "grocery", (450, 1050, 2600), "YANDEX*LAVKA MOSCOW", "Яндекс Лавка"),
    _m("Яндекс Еда", "5812", "restaurant", (700, 1350, 3400), "YANDEX*EDA MOSCOW", "Яндекс.Еда"),
)
_CAFES = (
    _m("Вкусно — и точка", "5814", "restaurant", (220, 480, 1300), "VKUSNO - I TOCHKA {n} {town} RUS"),
    _m("Ростикс", "5814", "restaurant", (250, 520, 1400), "ROSTICS {n} {town} RUS"),
    _m("Теремок", "5814", "restaurant", (260, 490, 1000), "TEREMOK {n} {town}"),
    _m(
        "Шоколадница",
        "5812",
        "restaurant",
        (380, 760, 1900),
        "SHOKOLADNITSA {town} RUS",
        "Кофейня Шоколадница",
    ),
    _m("Кафе «Зерно»", "5812", "restaurant", (300, 690, 1800), "Кафе", "CAFE ZERNO {town} RUS", ""),
    _m("Додо Пицца", "5814", "restaurant", (450, 980, 2400), "DODO PIZZA {town} RUS", "Додо Пицца"),
    _m("Якитория", "5812", "restaurant", (1200, 2300, 5200), "YAKITORIA {town} RUS"),
)
_COFFEE = (
    _m("Cofix", "5814", "restaurant", (120, 190, 420), "COFIX {n} {town} RUS"),
    _m("Stars Coffee", "5814", "restaurant", (260, 380, 720), "STARS COFFEE {town} RUS"),
    _m("Скуратов Кофе", "5814", "restaurant", (210, 310, 560), "Скуратов кофе"),
)
_LUNCH = (
    _m("Столовая № 57", "5814", "restaurant", (220, 340, 560), "STOLOVAYA 57 {town} RUS", "Столовая № 57"),
)
_TRANSIT = (_m("Городской транспорт", "4111", "transport", (46, 57, 64), "{transit}", "🚌 Транспорт"),)
_TAXI = (
    _m("Яндекс Go", "4121", "taxi", (160, 390, 1500), "YM*YANDEX.GO TAXI", "YANDEX*TAXI MOSCOW"),
    _m("Ситимобил", "4121", "taxi", (150, 350, 1200), "CITYMOBIL {town} RUS"),
)
_FUEL = (
    _m("Лукойл", "5541", "gas_station", (900, 2300, 3900), "LUKOIL AZS {n} {town} RUS", "Лукойл АЗС {n}"),
    _m("Газпромнефть", "5541", "gas_station", (900, 2250, 3800), "GAZPROMNEFT AZS {n}"),
    _m("Роснефть", "5541", "gas_station", (850, 2150, 3700), "ROSNEFT AZS {n} {town} RUS"),
)
_CAR = (
    _m("Автомойка", "7542", "car_service", (500, 850, 1600), "AVTOMOYKA {town} RUS"),
    _m("Паркинг", "7523", "parking", (80, 240, 600), "PARKOVKA {town} RUS", "Парковка"),
    _m("Шинсервис", "7538", "car_service", (1800, 3600, 9800), "SHINSERVICE {n} {town} RUS"),
)
_PHARMACY = (
    _m("Аптека 36,6", "5912", "pharmacy", (180, 780, 3400), "APTEKA 36.6 {n} {town} RUS", "Аптека 36,6"),
    _m("Ригла", "5912", "pharmacy", (160, 690, 2900), "RIGLA APTEKA {n}", "Ригла"),
    _m("Горздрав", "5912", "pharmacy", (150, 640, 2600), "GORZDRAV {n} {town} RUS"),
)
_MARKETPLACES = (
    _m("Wildberries", "5311", "marketplace", (290, 1450, 7900), "WILDBERRIES {n}", "Wildberries"),
    _m("Ozon", "5399", "marketplace", (310, 1550, 8900), "OZON.RU", QR + "OZON"),
    _m("Яндекс Маркет", "5399", "marketplace", (450, 1900, 12900), "YANDEX*MARKET", "Яндекс Маркет"),
    _m("Мегамаркет", "5399", "marketplace", (600, 2300, 14900), "MEGAMARKET RU"),
)
_CLOTHES = (
    _m("Gloria Jeans", "5651", "retail", (900, 2700, 7900), "GLORIA JEANS {n} {town} RUS"),
    _m("Befree", "5621", "retail", (1200, 3200, 8900), "BEFREE {town} RUS"),
    _m("Kari", "5661", "retail", (1500, 3400, 8200), "KARI {n} {town} RUS"),
    _m("Lamoda", "5651", "retail", (1900, 4600, 14900), "LAMODA.RU"),
    _m("Спортмастер", "5941", "sport", (1100, 3900, 15900), "SPORTMASTER {n} {town} RUS"),
)
_HOME = (
    _m("Лемана ПРО", "5200", "home", (500, 2600, 14900), "LEMANA PRO {n} {town} RUS"),
    _m("Fix Price", "5331", "home", (150, 520, 1600), "FIXPRICE {n} {town} RUS", "Фикс Прайс"),
    _m("Hoff", "5712", "home", (1500, 5200, 24900), "HOFF {town} RUS"),
    _m("М.Видео", "5732", "electronics", (1500, 6900, 44900), "M.VIDEO {n} {town} RUS"),
    _m("DNS", "5732", "electronics", (900, 5200, 39900), "DNS SHOP {n} {town} RUS"),
)
_BEAUTY = (
    _m("Магнит Косметик", "5977", "beauty", (250, 790, 2600), "Магнит Косметик {n}"),
    _m("Золотое Яблоко", "5977", "beauty", (900, 2600, 8900), "GOLD APPLE {town} RUS"),
    _m("Салон красоты «Локон»", "7230", "beauty", (900, 2100, 4900), "SALON LOKON {town} RUS"),
    _m("Барбершоп TopGun", "7230", "beauty", (1300, 1900, 2900), "BARBERSHOP TOPGUN"),
)
_LEISURE = (
    _m("Каро", "7832", "entertainment", (450, 850, 2100), "KARO FILM {town} RUS"),
    _m("Кинопоиск билеты", "7832", "entertainment", (500, 900, 2200), "Кинопоиск билеты"),
    _m("Читай-город", "5942", "books", (350, 890, 2700), "CHITAY-GOROD {n} {town} RUS"),
    _m("Литрес", "5815", "books", (199, 399, 899), "LITRES"),
    _m(
        "Театральная касса",
        "7922",
        "entertainment",
        (1500, 3200, 8200),
        "TEATRALNAYA KASSA",
        "🎬 Развлечения/Покупки",
    ),
    _m("Красное&Белое", "5921", "alcohol", (300, 790, 2400), "KRASNOE BELOE {n} {town} RUS", "Красное&Белое"),
    _m("Цветы 24", "5992", "flowers", (1200, 2600, 5900), "TSVETY 24 {town} RUS"),
)
_HEALTH = (
    _m("Инвитро", "8071", "health", (900, 2400, 7900), "INVITRO {town} RUS"),
    _m("Медси", "8099", "health", (2200, 3900, 12900), "MEDSI KLINIKA {town} RUS"),
    _m("Стоматология «Улыбка»", "8021", "health", (2900, 6400, 24900), "STOMATOLOGIYA ULYBKA"),
)
_CHILDREN = (
    _m("Детский мир", "5945", "kids", (500, 1900, 7900), "DETMIR {n} {town} RUS", "Детский мир"),
    _m("Школьное питание", "8211", "kids", (800, 1500, 2500), "Школьное питание"),
    _m("Бегемот", "5945", "kids", (300, 1200, 4900), "BEGEMOT {n} {town} RUS"),
)
_PETS = (
    _m("Четыре Лапы", "5995", "pets", (400, 1700, 5900), "CHETYRE LAPY {n} {town} RUS"),
    _m("Бетховен", "5995", "pets", (500, 1900, 6200), "BETHOVEN {n}"),
)
_TRAVEL = (
    _m("РЖД", "4112", "travel", (900, 3600, 12900), "RZD MOSKVA RUS", "РЖД билеты"),
    _m("S7 Airlines", "3035", "travel", (5200, 11900, 34900), "S7 AIRLINES"),
    _m("Островок", "7011", "travel", (4900, 12900, 45900), "OSTROVOK.RU"),
)

HABITS = (
    Habit("groceries", 12.0, (9, 22), 1.25, _GROCERIES),
    Habit("delivery", 2.6, (11, 23), 1.2, _DELIVERY),
    Habit("cafes", 4.2, (12, 22), 1.5, _CAFES),
    Habit("coffee", 4.0, (8, 12), 0.6, _COFFEE),
    Habit("lunch", 3.0, (12, 15), 0.0, _LUNCH),
    Habit("transit", 6.0, (7, 20), 0.35, _TRANSIT),
    Habit("taxi", 2.6, (8, 24), 1.4, _TAXI),
    Habit("fuel", 3.2, (8, 21), 1.1, _FUEL, needs="has_car"),
    Habit("car", 1.5, (10, 20), 1.3, _CAR, needs="has_car"),
    Habit("pharmacy", 1.6, (9, 21), 0.9, _PHARMACY),
    Habit("marketplaces", 4.2, (8, 23), 1.0, _MARKETPLACES),
    Habit("clothes", 0.8, (11, 21), 1.8, _CLOTHES),
    Habit("home", 1.0, (10, 21), 1.6, _HOME),
    Habit("beauty", 0.9, (10, 20), 1.2, _BEAUTY),
    Habit("leisure", 1.8, (12, 22), 1.9, _LEISURE),
    Habit("health", 0.35, (9, 19), 0.4, _HEALTH),
    Habit("children", 2.0, (10, 20), 1.1, _CHILDREN, needs="has_children"),
    Habit("pets", 1.0, (10, 21), 1.3, _PETS, needs="has_pet"),
    Habit("travel", 0.2, (9, 23), 0.8, _TRAVEL),
)

CASH_MACHINE = Merchant(
    "Банкомат", "6011", "cash", 1000, 3000, 15_000, ("Выдача наличных ATM {n} {town} RUS",)
)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A regular charge: the price rises on a known date, as they do."""

    merchant: Merchant
    day_of_month: int
    price: int
    raised_price: int
    raised_from: tuple[int, int]


def _service(name: str, mcc: str, category: str, *texts: str) -> Merchant:
    return Merchant(name, mcc, category, 0, 0, 0, texts)


SUBSCRIPTIONS = (
    Subscription(_service("Яндекс Плюс", "5968", "subscription", "YANDEX*PLUS"), 4, 299, 449, (2025, 9)),
    Subscription(_service("Кинопоиск", "5968", "subscription", "KINOPOISK"), 11, 269, 349, (2025, 3)),
    Subscription(_service("VK Музыка", "5968", "subscription", "VK MUZYKA"), 17, 199, 249, (2026, 2)),
    Subscription(_service("Иви", "5968", "subscription", "IVI.RU"), 21, 399, 499, (2024, 10)),
    Subscription(
        _service("World Class", "7997", "fitness", "WORLD CLASS {town} RUS"), 2, 3900, 4700, (2025, 1)
    ),
)
