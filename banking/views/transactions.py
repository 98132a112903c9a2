"""The list of transactions with its filter, and the page of one."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import push_url, replace_url

from banking import edits
from banking.categories import rules
from banking.filter_forms import ORDERS, PERIODS, TransactionFilterForm
from banking.forms import CategoryForm, NoteForm, TagsForm
from banking.models import Account, Category, Edit, Transaction
from banking.presenters import category_rules as rule_presenters
from banking.presenters import edits as edit_presenters
from banking.presenters import exports
from banking.presenters import rows as presenters
from banking.presenters import transfer_review as review_presenters
from banking.queries import accounts as account_queries
from banking.queries import categories as category_queries
from banking.queries import category_rules as rule_queries
from banking.queries import edits as edit_queries
from banking.queries import saved_views as view_queries
from banking.queries import tags as tag_queries
from banking.queries import transactions as queries
from banking.queries.transaction_filter import matching
from banking.queries.transactions import PAGE_SIZE, Cursor, InvalidCursor, cursor_of
from banking.views.common import rail_health, undo_url, way_back
from banking.views.filters import FilterLinks, chips
from financehub.errors import DomainError
from financehub.http import render_page
from financehub.periods import MOSCOW, local_date
from financehub.users.identity import signed_in

if TYPE_CHECKING:
    from banking.models.transaction import TransactionQuerySet

MOST_ROWS = 200
# The id of the element that htmx will replace → the part of the page that goes into it.
PARTS = {"results": "results", "more": "rows", "totals": "totals", "filters": "filters"}


@require_GET
@login_required
def transactions(request: HttpRequest) -> HttpResponse:
    """A person's transactions, filtered by the query string."""
    today = timezone.localdate(timezone=MOSCOW)
    accounts = account_queries.accounts_of(user=signed_in(request), closed=True)
    form = TransactionFilterForm(request.GET, user=signed_in(request), accounts=accounts, today=today)
    links = FilterLinks.of(request.GET, form)
    part = PARTS.get(request.htmx.target or "", "results")  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "form": form,
        "today": today,
        "has_accounts": bool(accounts),
        "choosable": True,
        "selects": [
            (name, label, choices, request.GET.get(name, ""))
            for name, label, choices in (("period", _("Период"), PERIODS), ("sort", _("Порядок"), ORDERS))
        ],
        "hidden_fields": links.hidden(),
        "all_url": links.url(),
        "more_filters_url": links.url(filters="open"),
        "totals_url": links.url(totals="show"),
    }
    if form.is_valid():
        context |= _answer(request, form, links, part)
    if part == "filters" or "filters" in request.GET or form.errors:
        chosen = [branch[0].pk for branch in form.branches.values()]
        context["category_groups"] = category_queries.category_groups(
            user=signed_in(request), with_ids=chosen
        )
    if not request.htmx:  # type: ignore[attr-defined]
        context["rail_health"] = rail_health(request)
    response = render_page(request, "banking/transactions.html", context, fragment=part)
    return _with_url(response, links, context, part)


def _answer(
    request: HttpRequest, form: TransactionFilterForm, links: FilterLinks, part: str
) -> dict[str, Any]:
    """What the filter lets through, as far as the part of the page asked for needs it."""
    answer: dict[str, Any] = {"chips": list(chips(form, links)), "is_filtered": bool(links.params)}
    if part in {"results", "rows"}:
        answer |= _rows(request, form, links)
    if part == "results":
        answer["query"] = links.query()
        answer["views"] = view_queries.views_of(user=form.user)
    if part != "rows":
        asked = part == "totals" or "totals" in request.GET
        totals = queries.filtered_totals if asked else queries.kept_totals
        answer["totals"] = totals(user=form.user, wanted=form.wanted)
        answer["transfers_url"] = links.url(kind="transfer")
        answer["exports"] = [
            (label, links.url(reverse("banking:transactions_export", args=[kind])))
            for kind, label in (("csv", "CSV"), ("excel", "Excel"), ("ods", "ODS"), ("pdf", "PDF"))
        ]
        answer["only_transfers"] = form.wanted.kinds == {Category.Kind.TRANSFER}
    return answer


def _with_url(
    response: HttpResponse, links: FilterLinks, context: Mapping[str, Any], part: str
) -> HttpResponse:
    """The address bar follows what is shown, so that Back and a shared link bring the same."""
    if part == "results":
        return push_url(response, links.url())
    if part == "rows" and "shown" in context:
        return replace_url(response, links.url(shown=str(context["shown"])))
    return response


def _rows(request: HttpRequest, form: TransactionFilterForm, links: FilterLinks) -> dict[str, Any]:
    """The rows behind the cursor of the URL, or as many as the person had opened before."""
    shown = _shown(request)
    try:
        after = cursor_of(request.GET["after"], form.order) if "after" in request.GET else None
    except InvalidCursor:
        return {"place_is_lost": True}
    size = PAGE_SIZE if after else shown
    page = queries.transaction_page(
        user=form.user, wanted=form.wanted, order=form.order, after=after, size=size
    )
    shown_before = None
    if isinstance(after, Cursor) and request.htmx:  # type: ignore[attr-defined]
        shown_before = local_date(after.booked_at)
    presenter = presenters.RowPresenter(
        {account.pk: account for account in form.accounts.values()}, today=form.today
    )
    after_this = str(min(shown + PAGE_SIZE, MOST_ROWS))
    return {
        "days": presenter.days(page, shown_before=shown_before)
        if form.order.is_by_date
        else presenter.undivided(page),
        "next_url": links.url(after=str(page.next), shown=after_this) if page.next else "",
        "first_url": links.url() if after else "",
        "here_url": links.url(shown=str(shown) if shown > PAGE_SIZE else ""),
        "shown": shown,
    }


def _shown(request: HttpRequest) -> int:
    """How many rows are open on the page, in whole pages."""
    text = request.GET.get("shown", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else PAGE_SIZE
    return min(max(number, PAGE_SIZE), MOST_ROWS)


@require_GET
@login_required
def export(request: HttpRequest, file_format: str) -> HttpResponseBase:
    """Exactly the rows that the filter of the query string lets through, in its order, as a file."""
    if file_format not in exports.FORMATS:
        raise Http404
    today = timezone.localdate(timezone=MOSCOW)
    accounts = account_queries.accounts_of(user=signed_in(request), closed=True)
    form = TransactionFilterForm(request.GET, user=signed_in(request), accounts=accounts, today=today)
    if not form.is_valid():
        return redirect(FilterLinks.of(request.GET, form).url())
    rows = queries.ordered(matching(user=form.user, wanted=form.wanted), form.order)
    known = {account.pk: account for account in accounts}
    try:
        return exports.download(rows, known, kind=file_format, name=f"transactions_{today:%Y%m%d}")
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect(FilterLinks.of(request.GET, form).url())


@require_GET
@login_required
def transaction(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything known of one transaction, a deleted one too: it can be brought back here."""
    row = _own(request, pk, deleted=True)
    context = _detail(request, row) | {
        "note_form": NoteForm(initial={"note": row.note}),
        "back_url": _list_url(request),
        "today": timezone.localdate(timezone=MOSCOW),
    }
    if not request.htmx:  # type: ignore[attr-defined]
        context["rail_health"] = rail_health(request)
    return render_page(request, "banking/transaction.html", context, fragment="detail")


@require_http_methods(["GET", "POST"])
@login_required
def category(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose another category: in the row by htmx, on a small page without."""
    row = _own(request, pk)
    form = CategoryForm(request.POST if request.method == "POST" else None, user=signed_in(request))
    if form.is_valid():
        edit = edits.set_category(
            user=signed_in(request),
            rows=_only(row),
            category=form.cleaned_data["category"],
            now=timezone.now(),
        )
        if request.htmx:  # type: ignore[attr-defined]
            return _row_fragment(request, _own(request, pk), done=edit)
        if edit is not None:
            messages.success(request, _("Категория изменена."), extra_tags=undo_url(edit))
        return redirect(way_back(request, default=reverse("banking:transaction", args=[pk])))
    if request.htmx and "row" in request.GET:  # type: ignore[attr-defined]
        return _row_fragment(request, row)
    context = _detail(request, row) | {
        "form": form,
        "category_groups": category_queries.category_groups(user=form.user, with_ids=(row.category_id,)),
        "next": way_back(request, default=reverse("banking:transaction", args=[pk])),
    }
    status = 422 if form.is_bound else 200
    return render_page(
        request, "banking/transaction_category.html", context, fragment="editor", status=status
    )


@require_POST
@login_required
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the person's own words on a transaction."""
    row = _own(request, pk)
    form = NoteForm(request.POST)
    if form.is_valid():
        note = form.cleaned_data["note"]
        edits.set_note(user=signed_in(request), rows=_only(row), note=note, now=timezone.now())
        messages.success(request, _("Заметка сохранена."))
        return redirect(way_back(request, default=reverse("banking:transaction", args=[pk])))
    context = _detail(request, row) | {"note_form": form, "rail_health": rail_health(request)}
    return render_page(request, "banking/transaction.html", context, status=422)


def _own(request: HttpRequest, pk: int, *, deleted: bool = False) -> Transaction:
    try:
        return queries.transaction_of(user=signed_in(request), pk=pk, deleted=deleted)
    except Transaction.DoesNotExist as error:
        raise Http404 from error


def _only(row: Transaction) -> "TransactionQuerySet":
    return Transaction.objects.filter(pk=row.pk)


def _list_url(request: HttpRequest) -> str:
    """Back to the list as it was filtered, when the person came from it."""
    base = reverse("banking:transactions")
    origin = way_back(request, default=base)
    return origin if origin.split("?")[0] == base else base


def _detail(request: HttpRequest, row: Transaction) -> dict[str, Any]:
    today = timezone.localdate(timezone=MOSCOW)
    page_url, list_url = reverse("banking:transaction", args=[row.pk]), _list_url(request)
    return {
        "back_url": list_url,
        # A drawer's forms lead back to the page that it lies on.
        "next_url": request.htmx.current_url_abs_path or page_url,  # type: ignore[attr-defined]
        "today": today,
        "parts": _parts(row, today),
        "can_split": row.part_of_id is None and row.transfer_pair_id is None and bool(row.amount),
        "whole_amount": presenters.amount_of(row.part_of) if row.part_of else "",
        "tags_form": TagsForm(initial={"tags": ", ".join(tag.name for tag in row.tags.all())}),
        "own_tags": tag_queries.tags_of(user=row.user),
        "history": edit_presenters.history(row, edit_queries.history_of(row=row)),
        "row": row,
        "title": presenters.detail_title(row),
        "amount": presenters.amount_of(row),
        "account_label": presenters.account_label(row.account),
        "mcc_description": presenters.mcc_description(row.mcc),
        "offer": _offer(row),
        **review_presenters.links(row, today=timezone.localdate(timezone=MOSCOW)),
        "reason": rules.explain(row.category_reason, row.category_detail, row.category.name),
    }


def _parts(row: Transaction, today: date) -> tuple[presenters.RowCells, ...]:
    found = queries.parts_of(row=row)
    presenter = presenters.RowPresenter({row.account_id: row.account}, today=today)
    return tuple(map(presenter.row, found))


def _offer(row: Transaction) -> rule_presenters.Offer | None:
    """«Всегда так для …» for a row whose category the person chose."""
    draft = rule_queries.suggested(row=row) if row.category_reason == Transaction.Reason.PERSON else None
    if draft is None:
        return None
    return rule_presenters.offer(row, rule_queries.preview(user=row.user, rule=draft), draft)


def _row_fragment(request: HttpRequest, row: Transaction, *, done: Edit | None = None) -> HttpResponse:
    """The row as the list shows it, instead of a change or after one, which a toast then tells."""
    accounts: dict[int, Account] = {row.account_id: row.account}
    if row.transfer_pair is not None:
        accounts[row.transfer_pair.account_id] = row.transfer_pair.account
    presenter = presenters.RowPresenter(accounts, today=timezone.localdate(timezone=MOSCOW))
    cells = presenter.row(queries.transaction_row(user=signed_in(request), pk=row.pk))
    context: dict[str, Any] = {"rows": [cells], "choosable": True}
    if done is not None:
        context |= {"done": edit_presenters.done(done), "undo_url": undo_url(done), "offer": _offer(row)}
    return render_page(request, "banking/transactions.html", context, fragment="row")
