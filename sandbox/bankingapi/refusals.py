"""How this door refuses: Keycloak in its way, the interfaces in the standard's."""

import uuid
from http import HTTPStatus

from flask import Response

from sandbox.answers import answer


class TokenError(Exception):
    """Keycloak gives no token."""

    def __init__(self, status: int, error: str, description: str = "") -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.description = description


class StandardError(Exception):
    """An interface refuses with a code of the standard; `path` names the field or header."""

    def __init__(self, status: int, code: str, message: str, path: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.path = path


def refuse_token(error: TokenError) -> Response:
    """Answer as Keycloak does."""
    described = {"error_description": error.description} if error.description else {}
    return answer({"error": error.error, **described}, error.status)


def refuse_call(error: StandardError) -> Response:
    """Answer with the standard's list of errors."""
    line = {"errorCode": error.code, "message": error.message, "path": error.path}
    document = {
        "code": f"{error.status} {HTTPStatus(error.status).phrase.replace(' ', '')}",
        "id": str(uuid.uuid4()),
        "message": error.message,
        "Errors": [{name: value for name, value in line.items() if value}],
    }
    return answer(document, error.status)
