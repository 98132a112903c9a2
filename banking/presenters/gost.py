"""GOST as pages show it: the badge that only a measured handshake gives, and the proof line by line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from banking.models import Bank, BankConnection, GostHandshake
from banking.queries.gost import evidence_of, outcome_words
from financehub import formats
from financehub.periods import local_date

Status = BankConnection.Status
Channel = BankConnection.Channel


@dataclass(frozen=True, slots=True)
class Badge:
    """How a connection's data really came; nothing at all for one that never asked for GOST."""

    label: str
    tone: str
    icon: str
    url: str


@dataclass(frozen=True, slots=True)
class Proof:
    """One attempt: its outcome, and the facts of the handshake where there was a verified one."""

    words: str
    tone: str
    detail: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ConnectionProof:
    """A connection that was asked to go through the gateway, with what is on record of it."""

    connection: BankConnection
    bank: Bank
    channel: str
    attempt: Proof | None
    verified_before: str
    sync_url: str
    connect_url: str


@dataclass(frozen=True, slots=True)
class ChannelChoice:
    """A channel that a person may choose, with what it means for them."""

    value: str
    label: str
    help: str


def channel_choices(channels: Iterable[str]) -> list[ChannelChoice]:
    """The channels of this installation, in words."""
    meaning = {
        Channel.GOST: _("Если шлюз закрыт, мы не отправляем ничего и никуда."),
        Channel.GOST_PREFERRED: _("Замена не бывает тайной: она видна у каждого счёта."),
        Channel.BANK: _("Свой интерфейс банка, без алгоритмов ГОСТ. По нему можно и переводить."),
        Channel.BANKING_API: _("Тот же интерфейс, что за шлюзом, без алгоритмов ГОСТ."),
    }
    return [ChannelChoice(value, str(Channel(value).label), meaning[Channel(value)]) for value in channels]


def badge(connection: BankConnection, evidence: GostHandshake | None) -> Badge | None:
    """«ГОСТ» where the last attempt was a verified handshake; a fallback is told where the badge would be."""
    if evidence is None or not connection.use_gost or connection.status != Status.ACTIVE:
        return None
    words = {
        GostHandshake.Via.GOST: (_("ГОСТ"), "positive", "shield"),
        GostHandshake.Via.TUNNEL: (_("ГОСТ через туннель, здесь не измерено"), "", "shield"),
        GostHandshake.Via.ORDINARY: (_("Без ГОСТ: обычный TLS"), "warning", "alert"),
    }
    found = words.get(GostHandshake.Via(evidence.via))
    return Badge(*found, url=proof_url(connection)) if found else None


def proof_url(connection: BankConnection) -> str:
    """Where the proof of a connection stands."""
    return f"{reverse('banking:gost')}#connection-{connection.pk}"


def connection_proofs(connections: Sequence[BankConnection], *, now: datetime) -> list[ConnectionProof]:
    """Each connection with its proof."""
    return [_connection_proof(connection, today=local_date(now)) for connection in connections]


def _connection_proof(connection: BankConnection, *, today: date) -> ConnectionProof:
    evidence = evidence_of(connection)
    is_active = connection.status == Status.ACTIVE
    return ConnectionProof(
        connection=connection,
        bank=connection.bank,
        channel=connection.get_channel_display(),
        attempt=proof(evidence, today=today) if evidence else None,
        verified_before=_verified_before(evidence, today=today),
        sync_url=reverse("banking:connection_sync", args=[connection.pk]) if is_active else "",
        connect_url="" if is_active else reverse("banking:connect_bank", args=[connection.bank.code]),
    )


def _verified_before(evidence: GostHandshake | None, *, today: date) -> str:
    """When a handshake was verified last, where the last attempt was none."""
    if evidence is None or evidence.is_verified or evidence.verified_at is None:
        return ""
    at = formats.current().moment(evidence.verified_at, today=today)
    return _("Последнее проверенное рукопожатие: {moment}").format(moment=at)


def proof(evidence: GostHandshake, *, today: date, http_status: int | None = None) -> Proof:
    """An attempt, stored or just made."""
    tone = "positive" if evidence.is_verified else "negative"
    if evidence.via in {GostHandshake.Via.TUNNEL, GostHandshake.Via.ORDINARY}:
        tone = "warning"
    words = outcome_words(evidence.outcome)
    if evidence.fell_back:
        words = _("{why}. Данные прочитаны по обычному TLS").format(why=words)
    lines = _measured(evidence) if evidence.is_verified else ()
    if http_status is not None:
        lines = (*lines, (_("HTTP за шлюзом"), str(http_status)))
    return Proof(words, tone, evidence.detail, (*_attempt(evidence, today=today), *lines))


def _attempt(evidence: GostHandshake, *, today: date) -> tuple[tuple[str, str], ...]:
    at = formats.current().moment(evidence.measured_at, today=today)
    lines = ((_("Измерено"), at), (_("Адрес"), evidence.address))
    return tuple(line for line in lines if line[1])


def _measured(evidence: GostHandshake) -> tuple[tuple[str, str], ...]:
    words = formats.current()
    milliseconds = words.number(round((evidence.seconds or 0) * 1000))
    dates = (evidence.valid_from, evidence.valid_until)
    validity = " — ".join(words.date_short(local_date(at)) for at in dates if at)
    return (
        (_("Протокол"), evidence.protocol),
        (_("Набор шифров"), f"{evidence.suite} (0x{evidence.suite_code})"),
        (_("Рукопожатие заняло"), _("{count} мс").format(count=milliseconds)),
        (_("Сертификат выдан для"), evidence.subject),
        (_("Кем выдан"), evidence.issuer),
        (_("Подпись сертификата"), evidence.signature),
        (_("Действует"), validity),
        (_("Отпечаток SHA-256"), evidence.fingerprint),
        (_("Чему доверяем"), _pinned(evidence.pinned)),
    )


def _pinned(kinds: str) -> str:
    words = {
        "authority": _("удостоверяющему центру, закреплённому администратором"),
        "certificate": _("одному сертификату, закреплённому по отпечатку"),
        "authority+certificate": _("закреплённому центру и одному его сертификату по отпечатку"),
    }
    return words.get(kinds, "")
