"""`manage.py sync_banks`: whom it reads, what it says, how it exits."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from banking.models import BankConnection, SyncRun
from financehub.users.models import User
from tests.banking.sync.bank import Bank, HeldAccount, sent, unavailable
from tests.banking.sync.reading import connected
from tests.factories import BankFactory


class Terminal(StringIO):
    """A place to write to on which a progress bar is shown."""

    def isatty(self) -> bool:
        return True


def _run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), Terminal()
    call_command("sync_banks", *arguments, stdout=out, stderr=err, no_color=True)
    return out.getvalue(), err.getvalue()


def test_waiting_reads_and_sums_up(bank: Bank, connection: BankConnection) -> None:
    bank.rows = [sent("a", "-1"), sent("b", "-2")]
    out, err = _run("--wait")
    assert out == "Banks read: 1 of 1. Rows read: 2, new: 2, changed: 0, gone: 0, unreadable: 0.\n"
    assert "Banks: 100%" in err


def test_without_waiting_the_workers_are_asked(bank: Bank, connection: BankConnection) -> None:
    out, _err = _run()
    assert out == "Asked the workers to read 1 of 1 banks.\n"
    assert SyncRun.objects.get().trigger == SyncRun.Trigger.COMMAND


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ((), 2),
        (("--bank", "VBANK"), 2),
        (("--bank", "abank"), 0),
        (("--user", "{login}"), 1),
        (("--user", "anna"), 0),
    ],
)
def test_only_the_chosen_are_read(
    bank: Bank, connection: BankConnection, anna: User, options: tuple[str, ...], found: int
) -> None:
    BankFactory(code="abank")
    connected()
    connected(status=BankConnection.Status.REVOKED)
    out, _err = _run("--wait", *(option.format(login=connection.user.email) for option in options))
    expected = f"Banks read: {found} of {found}." if found else "No connected bank fits."
    assert out.startswith(expected)


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("sync_banks", ("--user", "nobody")),
        ("sync_banks", ("--bank", "nobank")),
        ("rebuild_totals", ("--user", "nobody")),
    ],
)
def test_a_name_that_nobody_bears_is_no_success(db: None, command: str, options: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="There is no"):
        call_command(command, *options, stdout=StringIO())


def test_a_failed_bank_is_named_and_the_others_are_read(bank: Bank, connection: BankConnection) -> None:
    other = connected()
    calls: list[str] = []

    def fail_first(call: str) -> None:
        calls.append(call)
        if call == "accounts" and calls.count(call) == 1:
            raise unavailable()

    bank.before = fail_first
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError, match="1 of 2 banks") as caught:
        call_command("sync_banks", "--wait", stdout=out, stderr=err)
    assert caught.value.returncode == 1
    assert out.getvalue().startswith("Banks read: 1 of 2.")
    assert f"{connection}: bank_unavailable" in err.getvalue()
    other.refresh_from_db()
    assert other.last_success_at is not None


def test_a_bank_read_in_part_is_no_success(bank: Bank, connection: BankConnection) -> None:
    bank.accounts.append(HeldAccount("acc-2", rejected=1))
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError):
        call_command("sync_banks", "--wait", stdout=out, stderr=err)
    assert "partial rows_rejected" in err.getvalue()
    assert "unreadable: 1" in out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_removed_meanwhile_does_not_stop_the_others(bank: Bank) -> None:
    connected()
    other = connected()
    bank.before = lambda call: (
        BankConnection.objects.filter(pk=other.pk).delete() if call == "accounts" else None
    )
    err = StringIO()
    with pytest.raises(CommandError, match="1 of 2 banks"):
        call_command("sync_banks", "--wait", stdout=StringIO(), stderr=err)
    assert "not_connected" in err.getvalue()
