"""`/accounts/{id}/imports` and `/imports`: files of rows into accounts kept by hand, and out of them."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions, parsers, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from banking import importing
from banking.api.failures import Conflict
from banking.models import Account, StatementImport
from banking.queries import accounts, statements
from banking.statements.files import MOST_BYTES
from financehub.api import inputs
from financehub.api.schema import path_id
from financehub.users.identity import signed_in


class ImportInput(serializers.Serializer[Any]):
    """A CSV file. Its columns are read as the last file with this header was, else as the header says."""

    file = serializers.FileField(help_text="At most 10 MB and 50,000 lines.")
    dry_run = serializers.BooleanField(default=False, help_text="Only say what would be imported.")


class FailureOutput(serializers.Serializer[Any]):
    """A line that is no transaction."""

    line = serializers.IntegerField()
    why = serializers.CharField()


class ImportOutput(serializers.Serializer[Any]):
    """What a file did, or would do."""

    id = serializers.IntegerField(allow_null=True, help_text="Null after a dry run, or if nothing was new.")
    new = serializers.IntegerField()
    known = serializers.IntegerField(help_text="In the account already, and not added twice.")
    failed = serializers.IntegerField()
    failures = FailureOutput(many=True, help_text="The first of them.")


class AccountImportsView(APIView):
    """Files for one account."""

    parser_classes = (parsers.MultiPartParser,)

    @extend_schema(
        tags=["accounts"],
        parameters=[path_id("account_id")],
        request={"multipart/form-data": ImportInput},
        responses={
            200: ImportOutput,
            201: ImportOutput,
            400: OpenApiResponse(description="Not a readable CSV, or not an account kept by hand."),
            404: OpenApiResponse(description="Account not found"),
        },
    )
    def post(self, request: Request, account_id: str) -> Response:
        """Import a CSV file: 201 when transactions were added, 200 when none were."""
        account, data, now = (
            _account_of(request, account_id),
            inputs.body(request, ImportInput),
            timezone.now(),
        )
        statement = importing.upload(
            user=signed_in(request),
            account=account,
            file_name=data["file"].name,
            data=data["file"].read(MOST_BYTES + 1),
            now=now,
        )
        found = importing.check(statement=statement, now=now)
        answer: dict[str, Any] = {
            "id": None,
            "new": found.new,
            "known": found.known,
            "failed": found.failed,
            "failures": found.failures,
        }
        if data["dry_run"] or not found.new:
            importing.discard(statement=statement)
            return Response(ImportOutput(answer).data)
        answer["id"] = importing.run(statement=statement, now=now).pk
        return Response(ImportOutput(answer).data, status=status.HTTP_201_CREATED)


class ImportView(APIView):
    """One import."""

    @extend_schema(
        tags=["accounts"],
        parameters=[path_id("import_id")],
        responses={
            204: None,
            404: OpenApiResponse(description="Import not found"),
            409: OpenApiResponse(description="It was undone before, or never imported."),
        },
    )
    def delete(self, request: Request, import_id: str) -> Response:
        """Take an import back: exactly its transactions are removed."""
        pk = inputs.path_number(import_id, name="import_id")
        try:
            statement = statements.import_of(user=signed_in(request), pk=pk)
            importing.undo(statement=statement, now=timezone.now())
        except StatementImport.DoesNotExist as error:
            raise exceptions.NotFound("Import not found") from error
        except importing.NotWaiting as error:
            raise Conflict(str(error)) from error
        return Response(status=status.HTTP_204_NO_CONTENT)


def _account_of(request: Request, account_id: str) -> Account:
    pk = inputs.path_number(account_id, name="account_id")
    try:
        return accounts.account_of(user=signed_in(request), pk=pk)
    except Account.DoesNotExist as error:
        raise exceptions.NotFound("Account not found") from error
