"""The journal of access only grows: neither the code nor the database changes or removes a line."""

import importlib
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from banking.models import AuditEvent
from banking.models.audit_event import LineIsFinal
from banking.queries.journal import journal_page
from financehub.users.models import User
from tests.factories import NOW

migration = importlib.import_module("banking.migrations.0002_journal_is_append_only")


def line(person: User, **fields) -> AuditEvent:
    known = {"kind": AuditEvent.Kind.SYNCED, "bank_code": "vbank", "at": NOW}
    return AuditEvent.objects.create(person=person, **known | fields)


def test_the_code_changes_no_line(anna):
    event = line(anna)
    event.bank_code = "abank"

    with pytest.raises(LineIsFinal):
        event.save()
    with pytest.raises(LineIsFinal):
        event.delete()
    with pytest.raises(LineIsFinal):
        AuditEvent.objects.all().update(bank_code="abank")
    with pytest.raises(LineIsFinal):
        AuditEvent.objects.all().delete()


@pytest.mark.parametrize(
    "statement", ["UPDATE banking_auditevent SET bank_code = 'abank'", "DELETE FROM banking_auditevent"]
)
def test_the_database_changes_no_line(anna, statement):
    event = line(anna)

    with pytest.raises(DatabaseError, match=migration.MESSAGE), transaction.atomic():
        connection.cursor().execute(statement)

    event.refresh_from_db()
    assert event.bank_code == "vbank"


def test_lines_outlive_their_person(anna):
    event = line(anna, actor=anna)

    anna.delete()

    event.refresh_from_db()
    assert event.person_id is not None


def test_pages_follow_each_other_without_gap_or_overlap(anna, boris):
    mine = [line(anna, at=NOW - timedelta(minutes=number // 3)) for number in range(10)]
    line(boris)
    seen, after = [], None
    while True:
        page = journal_page(user=anna, after=after, size=3)
        seen += [event.pk for event in page.events]
        if (after := page.next) is None:
            break
    assert seen == [event.pk for event in sorted(mine, key=lambda event: (event.at, event.pk), reverse=True)]
