"""Bench: a site of its own in a temporary folder, with as many rows as wanted."""

import os
import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from banking.models import Account, Category, Transaction
    from financehub.users.models import User

YEARS = 5
ACCOUNTS_PER_BANK = 3
SHOPS = (
    ("PYATEROCHKA 14523 MOSKVA RUS", "Пятёрочка", "5411", "groceries-supermarket"),
    ("YANDEX*EDA MOSCOW", "Яндекс Еда", "5812", "cafe-delivery"),
    ("METRO MOSKVA", "Городской транспорт", "4111", "transport-public"),
    ("LUKOIL AZS 77", "Лукойл", "5541", "car-fuel"),
    ("Аптека 36,6", "Аптека 36,6", "5912", "health-pharmacy"),
    ("OZON.RU", "Ozon", "5399", "shopping-marketplace"),
    ("KINOPOISK", "Кинопоиск", "5968", "subscriptions-video"),
    ("Перевод между своими счетами", "", "", "transfer-own"),
    ("Заработная плата", "", "", "income-salary"),
)


def start(*, urlconf: str = "bench.urls") -> Path:
    """Set Django up on an empty site: in DATABASE_URL if that is given, else on SQLite."""
    folder = Path(tempfile.mkdtemp(prefix="financehub-bench-"))
    (folder / "static").mkdir()
    os.environ |= {"DEMO": "1", "VAR_DIR": str(folder), "LOG_LEVEL": "ERROR"}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "financehub.settings")
    import django  # noqa: PLC0415  not before the environment is set
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    settings.ROOT_URLCONF = urlconf
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    django.setup()
    call_command("migrate", verbosity=0)
    return folder


def person_with(rows: int) -> "User":
    """A person with so many transactions over five years, on nine accounts in three banks."""
    from django.db import connection  # noqa: PLC0415

    from banking import search_index, totals  # noqa: PLC0415
    from banking.models import Category, Transaction  # noqa: PLC0415
    from financehub.users.models import User  # noqa: PLC0415

    user = User.objects.create_user(f"bench-{rows}", None)
    accounts = _accounts(user)
    categories = {category.slug: category for category in Category.objects.filter(user=None)}
    random = Random(rows)
    now = datetime.now(tz=UTC)
    step = timedelta(days=365 * YEARS) / rows
    made = (
        _row(f"tx-{index}", now - step * index, random.choice(accounts), categories, random)
        for index in range(rows)
    )
    Transaction.objects.bulk_create(made, batch_size=500)
    totals.refresh(user_id=user.pk, since=None)
    search_index.add_new_rows()
    if connection.vendor == "postgresql":  # which does this by itself, but a minute later
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return user


def _accounts(user: "User") -> "list[Account]":
    from banking.models import Account, Bank, BankConnection, Consent  # noqa: PLC0415

    now = datetime.now(tz=UTC)
    accounts = []
    for bank in Bank.objects.order_by("pk"):
        connection = BankConnection.objects.create(
            user=user,
            bank=bank,
            client_id=user.email,
            status="active",
            last_success_at=now,
            next_run_at=now + timedelta(hours=6),
        )
        Consent.objects.create(
            connection=connection,
            consent_id="consent-bench",
            status="granted",
            requested_at=now,
            granted_at=now,
            expires_at=now + timedelta(days=90),
        )
        accounts += [
            Account.objects.create(
                user=user,
                bank=bank,
                connection=connection,
                external_id=f"acc-{number}",
                number=f"40817810{number:012}",
                kind="current",
                currency="RUB",
                balance_booked=Decimal(100_000),
                balance_available=Decimal(100_000),
                net_amount=Decimal(100_000),
                balance_as_of=now,
                last_synced_at=now,
                full_read_due=False,
            )
            for number in range(ACCOUNTS_PER_BANK)
        ]
    return accounts


def _row(
    external_id: str,
    booked_at: datetime,
    account: "Account",
    categories: "dict[str, Category]",
    random: Random,
) -> "Transaction":
    from banking.categories.rules import normalise  # noqa: PLC0415
    from banking.models import Transaction  # noqa: PLC0415

    text, merchant, mcc, slug = SHOPS[min(int(random.expovariate(0.5)), len(SHOPS) - 1)]
    category = categories[slug]
    amount = Decimal(random.randint(50_00, 5_000_00)) / 100
    return Transaction(
        user_id=account.user_id,
        account=account,
        external_id=external_id,
        amount=amount if category.kind == "income" else -amount,
        currency="RUB",
        status="booked",
        booked_at=booked_at,
        booking_date=booked_at.date(),
        description=text,
        merchant_name=merchant,
        mcc=mcc,
        content_hash="",
        kind=category.kind,
        category=category,
        category_reason="keyword",
        search_text=normalise(f"{text} {merchant}"),
    )
