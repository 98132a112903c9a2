"""Banks and categories that every installation has, kept in step with the files after each migration."""

from typing import Any

from django.conf import settings

from banking.categories import hues, tables
from banking.models import Bank, Category, PartnerBank
from banking.models.bank import OUTSIDE

BANKS = (
    {"code": "vbank", "name": "Virtual Bank", "short_name": "VBank", "monogram": "V", "hue": 255},
    {"code": "abank", "name": "Awesome Bank", "short_name": "ABank", "monogram": "A", "hue": 315},
    {"code": "sbank", "name": "Smart Bank", "short_name": "SBank", "monogram": "S", "hue": 150},
)


def load_reference(**_signal: Any) -> None:
    """Bring the banks and the common categories up to date; what people made is left alone."""
    _load_banks()
    _load_categories()
    if settings.DEMO:
        _load_demo_partners()


def _load_banks() -> None:
    outside = Bank(
        code=OUTSIDE, name="Outside banks", short_name="Outside", monogram="₽", hue=90, is_active=False
    )
    Bank.objects.bulk_create(
        [*(Bank(**bank) for bank in BANKS), outside],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "short_name", "monogram", "hue"],
    )


def _load_demo_partners() -> None:
    """A bank that only reads here, and those that we read: each may be a partner as well."""
    codes = {"pbank": "Partner Bank"} | {str(bank["code"]): str(bank["name"]) for bank in BANKS}
    partners = [PartnerBank(code=code, name=name) for code, name in codes.items()]
    PartnerBank.objects.bulk_create(partners, ignore_conflicts=True)


def _load_categories() -> None:
    known = {category.slug: category for category in Category.objects.filter(user=None)}
    for position, entry in enumerate(tables.categories().values()):
        parent = known.get(entry.parent or "")
        fields = {
            "name_ru": entry.name_ru,
            "name_en": entry.name_en,
            "kind": entry.kind,
            "parent_id": parent.pk if parent else None,
            "icon": entry.icon,
            "hue": hues.hue(entry.slug),
            "position": position,
        }
        category = known.setdefault(entry.slug, Category(slug=entry.slug))
        if category.pk is None or any(getattr(category, name) != value for name, value in fields.items()):
            for name, value in fields.items():
                setattr(category, name, value)
            category.save()
