"""`/rules` and `/edits`: a person's rules, what they would do and did, and how that is taken back."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from banking import categorising, edits
from banking.api import filters
from banking.api.rule_serializers import (
    AppliedOutput,
    EditOutput,
    NewRuleInput,
    NewRuleOutput,
    RuleChange,
    RuleInput,
    RuleOutput,
    RulePreviewOutput,
    UndoneOutput,
)
from banking.models import Account, Category, CategoryRule, Edit, Transaction
from banking.queries import accounts, categories, category_rules
from banking.queries import edits as edit_queries
from financehub.api import inputs
from financehub.api.errors import InvalidInput
from financehub.api.schema import path_id
from financehub.users.identity import signed_in

RULE_ID = path_id("rule_id")
EDIT_ID = path_id("edit_id")
NOT_FOUND = OpenApiResponse(description="Rule not found")
NAMED_NOT_FOUND = OpenApiResponse(description="Rule, Category or Account not found")
NO_EDIT = OpenApiResponse(description="Edit not found")
CANNOT_UNDO = OpenApiResponse(description="Undone already, or all of its rows have changed since")


class RuleListView(APIView):
    """The person's rules, in the order in which they are tried."""

    @extend_schema(tags=["rules"], responses=RuleOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(RuleOutput(category_rules.rules_of(user=signed_in(request)), many=True).data)

    @extend_schema(tags=["rules"], request=NewRuleInput, responses={201: NewRuleOutput, 404: NAMED_NOT_FOUND})
    def post(self, request: Request) -> Response:
        """Keep a rule for rows to come, and with `apply` give past ones its category too."""
        data = inputs.body(request, NewRuleInput)
        wants_history = data.pop("apply")
        rule = _filled(CategoryRule(user=signed_in(request)), data)
        run = categorising.save_rule(rule=rule, apply=wants_history, now=timezone.now())
        return Response(NewRuleOutput({"rule": rule, "run": run}).data, status=status.HTTP_201_CREATED)


class RuleView(APIView):
    """One rule."""

    @extend_schema(tags=["rules"], parameters=[RULE_ID], responses={200: RuleOutput, 404: NOT_FOUND})
    def get(self, request: Request, rule_id: str) -> Response:
        return Response(RuleOutput(_rule_of(request, rule_id)).data)

    @extend_schema(
        tags=["rules"],
        parameters=[RULE_ID],
        request=RuleChange,
        responses={200: RuleOutput, 404: NAMED_NOT_FOUND},
    )
    def patch(self, request: Request, rule_id: str) -> Response:
        """Change conditions or category. Rows that it decided before stay until it is applied again."""
        rule = _filled(_rule_of(request, rule_id), inputs.body(request, RuleChange))
        categorising.save_rule(rule=rule, now=timezone.now())
        return Response(RuleOutput(rule).data)

    @extend_schema(tags=["rules"], parameters=[RULE_ID], responses={204: None, 404: NOT_FOUND})
    def delete(self, request: Request, rule_id: str) -> Response:
        """Forget a rule; what it decided stays."""
        categorising.delete_rule(rule=_rule_of(request, rule_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class DraftPreviewView(APIView):
    """What a rule would change, before it is kept."""

    @extend_schema(
        tags=["rules"], request=RuleInput, responses={200: RulePreviewOutput, 404: NAMED_NOT_FOUND}
    )
    def post(self, request: Request) -> Response:
        return _preview(_filled(CategoryRule(user=signed_in(request)), inputs.body(request, RuleInput)))


class RulePreviewView(APIView):
    """What applying a rule would change now."""

    @extend_schema(tags=["rules"], parameters=[RULE_ID], responses={200: RulePreviewOutput, 404: NOT_FOUND})
    def get(self, request: Request, rule_id: str) -> Response:
        return _preview(_rule_of(request, rule_id))


class RuleApplyView(APIView):
    """A rule put to past rows."""

    @extend_schema(
        tags=["rules"], parameters=[RULE_ID], request=None, responses={200: AppliedOutput, 404: NOT_FOUND}
    )
    def post(self, request: Request, rule_id: str) -> Response:
        """Give past rows the category of a rule, as one edit that can be undone."""
        run = categorising.apply_rule(rule=_rule_of(request, rule_id), now=timezone.now())
        return Response(AppliedOutput({"run": run}).data)


class RuleRunsView(APIView):
    """How a rule was put to past rows, the newest first."""

    @extend_schema(
        tags=["rules"], parameters=[RULE_ID], responses={200: EditOutput(many=True), 404: NOT_FOUND}
    )
    def get(self, request: Request, rule_id: str) -> Response:
        return Response(EditOutput(edit_queries.runs_of(rule=_rule_of(request, rule_id)), many=True).data)


class EditListView(APIView):
    """What the person changed on rows lately, undos among it."""

    @extend_schema(tags=["rules"], responses=EditOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(EditOutput(edit_queries.recent_edits(user=signed_in(request)), many=True).data)


class EditUndoView(APIView):
    """An edit taken back."""

    @extend_schema(
        tags=["rules"],
        parameters=[EDIT_ID],
        request=None,
        responses={200: UndoneOutput, 400: CANNOT_UNDO, 404: NO_EDIT},
    )
    def post(self, request: Request, edit_id: str) -> Response:
        """Bring back what was there before; rows that have changed since are left alone and counted."""
        pk = inputs.path_number(edit_id, name="edit_id")
        try:
            edit = edit_queries.edit_of(user=signed_in(request), pk=pk)
        except Edit.DoesNotExist as error:
            raise exceptions.NotFound("Edit not found") from error
        return Response(UndoneOutput(edits.undo(edit=edit, now=timezone.now())).data)


def _rule_of(request: Request, rule_id: str) -> CategoryRule:
    pk = inputs.path_number(rule_id, name="rule_id")
    try:
        return category_rules.rule_of(user=signed_in(request), pk=pk)
    except CategoryRule.DoesNotExist as error:
        raise exceptions.NotFound("Rule not found") from error


def _filled(rule: CategoryRule, data: dict[str, Any]) -> CategoryRule:
    """A rule with the values sent; nothing is saved. Refuses what is not the person's, and no condition."""
    for name in ("match", "text", "direction", "lowest", "highest", "mcc"):
        if name in data:
            setattr(rule, name, data[name])
    try:
        if "category_id" in data:
            rule.category = categories.category_of(user=rule.user, pk=data["category_id"])
        if "account_id" in data:
            pk = data["account_id"]
            rule.account = None if pk is None else accounts.account_of(user=rule.user, pk=pk)
    except Category.DoesNotExist as error:
        raise exceptions.NotFound("Category not found") from error
    except Account.DoesNotExist as error:
        raise exceptions.NotFound("Account not found") from error
    _check(rule)
    return rule


def _check(rule: CategoryRule) -> None:
    """What a rule needs as a whole, whichever part of it was sent."""
    if rule.lowest is not None and rule.highest is not None and rule.lowest > rule.highest:
        raise InvalidInput({"highest": [_("Верхняя граница меньше нижней.")]}, location="body")
    if not (rule.text or rule.mcc or rule.account_id or rule.lowest is not None or rule.highest is not None):
        missing = _("Правилу нужно хотя бы одно условие: текст, сумма, счёт или MCC.")
        raise InvalidInput({"text": [missing]}, location="body")


def _preview(rule: CategoryRule) -> Response:
    found = category_rules.preview(user=rule.user, rule=rule)
    rows = Transaction.objects.for_user(rule.user).filter(pk__in=[row.pk for row in found.sample])
    return Response(
        RulePreviewOutput(
            {
                "count": found.count,
                "sums": [{"currency": name, "amount": amount} for name, amount in sorted(found.sums.items())],
                "first": found.first,
                "last": found.last,
                "sample": filters.for_output(rows).newest_first(),
            }
        ).data
    )
