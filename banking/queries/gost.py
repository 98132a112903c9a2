"""Questions about GOST: what an attempt came to in words, and what is on record of a person's connections."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from banking.models import BankConnection, GostHandshake
from banking.models.connection import GOST_POLICIES

if TYPE_CHECKING:
    from financehub.users.models import User

CODE_PREFIX = "gost_"
SHUT = frozenset(
    {
        "not_configured",
        "no_library",
        "misconfigured",
        "unreachable",
        "timeout",
        "refused",
        "untrusted_root",
        "wrong_certificate",
        "name_mismatch",
        "expired",
        "not_yet_valid",
        "revoked",
        "not_gost",
    }
)
# How the clients call an attempt that left a bank unread.
SHUT_CODES = frozenset(CODE_PREFIX + outcome for outcome in SHUT)


def outcome_words(outcome: str) -> str:
    """What came of an attempt to reach the gateway, as a sentence without its full stop."""
    words = {
        "handshake": _("Рукопожатие ГОСТ выполнено и проверено"),
        "http_reached": _("Рукопожатие ГОСТ выполнено и проверено, за шлюзом отвечает HTTP"),
        "tunnel": _("Через туннель, здесь не измерено"),
        "not_configured": _("ГОСТ-шлюз на этой установке не настроен"),
        "no_library": _("На этом сервере нет библиотеки ГОСТ"),
        "misconfigured": _("ГОСТ-шлюз настроен с ошибкой"),
        "unreachable": _("ГОСТ-шлюз недоступен"),
        "timeout": _("ГОСТ-шлюз не ответил вовремя"),
        "refused": _("ГОСТ-шлюз отказал в рукопожатии"),
        "untrusted_root": _("Сертификат ГОСТ-шлюза выдан центром, которому мы не доверяем"),
        "wrong_certificate": _("Сертификат ГОСТ-шлюза не тот, который закреплён"),
        "name_mismatch": _("Имя в сертификате ГОСТ-шлюза не совпадает с адресом"),
        "expired": _("Сертификат ГОСТ-шлюза просрочен"),
        "not_yet_valid": _("Срок сертификата ГОСТ-шлюза ещё не начался"),
        "revoked": _("Сертификат ГОСТ-шлюза отозван"),
        "not_gost": _("Шлюз ответил не по ГОСТ"),
    }
    return words.get(outcome, _("Защищённое соединение с банком не установлено"))


def words_of_code(code: str) -> str:
    """The same for the code that a connection's failure carries."""
    return outcome_words(code.removeprefix(CODE_PREFIX))


def evidence_of(connection: BankConnection) -> GostHandshake | None:
    """What is on record of its attempts to speak GOST; one that turned to another channel has none."""
    return getattr(connection, "gost_handshake", None) if connection.use_gost else None


def gost_connections(*, user: "User") -> list[BankConnection]:
    """The connections that were asked to go through the gateway, with their evidence."""
    asked = BankConnection.objects.for_user(user).filter(channel__in=GOST_POLICIES)
    return list(asked.select_related("bank", "gost_handshake").order_by("bank_id", "pk"))
