"""Files of rows: sending one, settling its columns, looking at what it would do, importing, taking back."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from banking import importing
from banking.import_forms import ColumnsForm, UploadForm
from banking.models import StatementImport
from banking.presenters import statements as presenters
from banking.presenters.rows import account_title
from banking.queries import accounts as account_queries
from banking.queries import statements as queries
from banking.statements.columns import Columns
from banking.statements.files import MOST_BYTES
from banking.views.common import rail_health
from financehub.errors import DomainError
from financehub.http import render_page
from financehub.periods import local_date
from financehub.users.identity import signed_in


@require_http_methods(["GET", "POST"])
@login_required
def imports(request: HttpRequest) -> HttpResponse:
    """What was imported before, and a form for the next file."""
    user, now = signed_in(request), timezone.now()
    books = {account.pk: account for account in account_queries.manual_accounts_of(user=user)}
    is_sent = request.method == "POST"
    form = UploadForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        accounts=[(pk, f"{account_title(account)}, {account.currency}") for pk, account in books.items()],
        initial={"account": request.GET.get("account", "")},
    )
    if form.is_valid():
        file, account = form.cleaned_data["file"], books[form.cleaned_data["account"]]
        try:
            statement = importing.upload(
                user=user, account=account, file_name=file.name, data=file.read(MOST_BYTES + 1), now=now
            )
        except DomainError as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("banking:import", pk=statement.pk)
    context = {
        "form": form,
        "has_books": bool(books),
        "lines": [presenters.line(each, today=local_date(now)) for each in queries.imports_of(user=user)],
        "rail_health": rail_health(request),
    }
    return render_page(request, "banking/imports.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """One import. While it waits: its columns and what it would do; afterwards what it did."""
    found = _own(request, pk)
    if found.state == StatementImport.State.WAITING:
        return _waiting(request, found)
    context = {
        "statement": found,
        "facts": presenters.facts(found, today=local_date(timezone.now())),
        "rail_health": rail_health(request),
    }
    return render_page(request, "banking/import_done.html", context)


@require_POST
@login_required
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove exactly the rows that came with an import."""
    try:
        removed = importing.undo(statement=_own(request, pk), now=timezone.now())
    except importing.NotWaiting as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, presenters.undone(removed))
    return redirect("banking:import", pk=pk)


def _waiting(request: HttpRequest, found: StatementImport) -> HttpResponse:
    if request.method == "POST" and request.POST.get("do") == "discard":
        importing.discard(statement=found)
        messages.success(request, _("Файл забыт, ничего не загружено."))
        return redirect("banking:imports")
    sheet = importing.sheet_of(found)
    sent = request.POST if request.method == "POST" else None
    form = ColumnsForm(sent, header=sheet.header, columns=Columns.of(found.columns))
    if form.is_valid():
        importing.set_columns(statement=found, columns=form.columns)
        if request.POST.get("do") == "import":
            return _imported(request, found)
        if not request.htmx:  # type: ignore[attr-defined]
            return redirect("banking:import", pk=found.pk)
    context = {"statement": found, "form": form, "title": account_title(found.account)} | _checked(
        found, form
    )
    context["rail_health"] = rail_health(request)
    status = 422 if form.errors else 200
    return render_page(request, "banking/import.html", context, fragment="check", status=status)


def _checked(found: StatementImport, form: ColumnsForm) -> dict[str, Any]:
    """What the file would do, read as its columns say; or why that cannot be told."""
    if form.errors:
        return {}
    now = timezone.now()
    try:
        check = importing.check(statement=found, now=now)
    except DomainError as refusal:
        return {"refusal": str(refusal)}
    return {"check": presenters.check(check, found.account, today=local_date(now))}


def _imported(request: HttpRequest, found: StatementImport) -> HttpResponse:
    try:
        done = importing.run(statement=found, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, presenters.imported(done))
    return redirect("banking:import", pk=found.pk)


def _own(request: HttpRequest, pk: int) -> StatementImport:
    try:
        return queries.import_of(user=signed_in(request), pk=pk)
    except StatementImport.DoesNotExist as error:
        raise Http404 from error
