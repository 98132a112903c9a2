"""What the bank itself says about a row: its transaction codes and its own words for categories."""

import functools
import re
from collections.abc import Mapping
from typing import Final

from banking.categories import tables
from banking.categories.normalise import normalise

# Sub-families of ISO 20022 that leave no doubt, sent alone or behind domain and family ("PMNT-CCRD-CWDL").
# The codes that the banks usually send (01, 02, ReceivedCreditTransfer, IssuedDebitTransfer) tell the
# direction, not the purpose.
_TELLING_CODES: Final[Mapping[str, tuple[str | None, str | None]]] = {
    # code: category of a debit, of a credit
    "CWDL": ("transfer-cash-out", None),
    "XBCW": ("transfer-cash-out", None),
    "CDPT": (None, "transfer-cash-in"),
    "SALA": (None, "income-salary"),
    "INTR": ("finance-loan", "income-interest"),
    "DVCA": (None, "income-dividends"),
    "CHRG": ("finance-fees", "finance-fees"),
    "COMM": ("finance-fees", "finance-fees"),
    "FEES": ("finance-fees", "finance-fees"),
}
TRANSFER_CODE: Final = "02"
_CODE_PARTS: Final = re.compile("[^0-9A-Za-z]+")

_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "groceries-supermarket": ("grocery", "grocery store", "supermarket", "food"),
    "groceries-alcohol": ("alcohol", "liquor"),
    "groceries-bakery": ("bakery",),
    "cafe-restaurant": ("restaurant", "restaurants", "dining", "food and drink"),
    "cafe": ("cafe", "cafes", "кафе"),
    "cafe-fastfood": ("fast food", "fastfood"),
    "cafe-coffee": ("coffee", "coffee shop"),
    "cafe-bar": ("bar", "bars", "pub"),
    "cafe-delivery": ("food delivery",),
    "transport": ("transportation", "transit"),
    "transport-public": ("public transport", "metro", "bus"),
    "transport-taxi": ("taxi", "rideshare"),
    "transport-carsharing": ("carsharing",),
    "car": ("auto", "automotive"),
    "car-fuel": ("gas station", "gas", "petrol", "petrol station", "fuel"),
    "car-parking": ("parking",),
    "car-service": ("car service", "auto service", "car repair"),
    "housing-utilities": ("utility", "utilities", "жкх"),
    "housing-rent": ("rent",),
    "communication": ("telecom", "telecommunications", "communications"),
    "communication-mobile": ("mobile", "mobile phone"),
    "communication-internet": ("internet",),
    "home": ("home", "household"),
    "home-renovation": ("hardware", "home improvement", "diy"),
    "home-furniture": ("furniture",),
    "shopping": ("retail", "shopping", "store", "shop"),
    "shopping-marketplace": ("marketplace",),
    "shopping-department": ("department store",),
    "shopping-online": ("online shopping", "ecommerce", "e commerce"),
    "shopping-jewelry": ("jewelry", "jewellery"),
    "clothes": ("clothing", "clothes", "apparel", "fashion"),
    "clothes-shoes": ("shoes", "footwear"),
    "electronics": ("electronics", "computers"),
    "health": ("health", "healthcare", "medical", "medicine"),
    "health-pharmacy": ("pharmacy", "drugstore"),
    "health-doctor": ("doctor", "clinic"),
    "health-dentist": ("dentist", "dental"),
    "beauty": ("beauty", "cosmetics"),
    "sport": ("sport", "sports"),
    "sport-fitness": ("fitness", "gym"),
    "kids": ("kids", "children"),
    "kids-goods": ("toys", "baby"),
    "education": ("education", "school"),
    "leisure": ("entertainment", "leisure", "recreation"),
    "leisure-cinema": ("cinema", "movies"),
    "leisure-theatre": ("theatre", "theater", "concerts"),
    "leisure-games": ("games", "gaming"),
    "leisure-books": ("books", "bookstore"),
    "gambling": ("gambling", "casino", "lottery", "betting"),
    "subscriptions": ("subscription", "subscriptions"),
    "subscriptions-video": ("streaming",),
    "subscriptions-software": ("software",),
    "travel": ("travel", "tourism"),
    "travel-flights": ("airline", "airlines", "flights"),
    "travel-trains": ("railway", "train", "trains"),
    "travel-hotels": ("hotel", "hotels", "lodging"),
    "pets": ("pet", "pets", "pet shop"),
    "gifts": ("gift", "gifts"),
    "gifts-flowers": ("flowers", "florist"),
    "gifts-charity": ("charity", "donation", "donations"),
    "finance-fees": ("fee", "fees", "bank fees", "commission"),
    "finance-loan": ("loan", "credit"),
    "finance-mortgage": ("mortgage",),
    "insurance": ("insurance",),
    "government": ("government",),
    "government-taxes": ("tax", "taxes"),
    "services": ("service", "services"),
    "services-post": ("post", "postal", "delivery"),
    "people-transfer": ("transfer", "transfers", "p2p"),
    "income-salary": ("salary", "wages"),
    "income-pension": ("pension",),
    "income-interest": ("interest",),
    "income-cashback": ("cashback",),
    "transfer-cash-out": ("atm", "cash", "cash withdrawal"),
    "transfer-savings": ("savings", "deposit"),
    "transfer-investments": ("investment", "investments"),
}


def telling_code(code: str) -> str:
    """The last part of a bank transaction code, which names the purpose where anything does."""
    parts = [part for part in _CODE_PARTS.split(code) if part]
    return parts[-1].upper() if parts else ""


def slug_of_code(code: str, *, is_credit: bool) -> str | None:
    """The category that a telling code settles by itself."""
    debit, credit = _TELLING_CODES.get(code, (None, None))
    return credit if is_credit else debit


def slug_of_word(word: str) -> str | None:
    """The category behind a bank's own word for one (normalised): an English slug or a category's name."""
    return _slugs().get(word)


@functools.cache
def _slugs() -> Mapping[str, str]:
    slugs: dict[str, str] = {}
    for slug, category in tables.categories().items():
        for name in (slug, category.name_ru, category.name_en):
            slugs.setdefault(normalise(name), slug)
    slugs.update({word: slug for slug, words in _WORDS.items() for word in words})
    return slugs
