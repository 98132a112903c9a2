"""The API's answers: JSON whatever the client says it accepts, with amounts as exact numbers."""

import re
import secrets
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.utils.encoders import JSONEncoder

# The JSON library can write a Decimal only as text or as a float. It writes marked text, and the
# quotes are taken away afterwards; nobody outside this process can know the mark.
MARK = secrets.token_hex(16)
MARKED = re.compile(rf'"{MARK}(-?\d+(?:\.\d+)?)"'.encode())


class ExactJSONEncoder(JSONEncoder):
    """Marks decimals."""

    def default(self, obj: Any) -> Any:
        if isinstance(obj, Decimal):
            if not obj.is_finite():
                raise ValueError("JSON has no word for infinity")
            return f"{MARK}{obj:f}"
        return super().default(obj)


class ExactJSONRenderer(JSONRenderer):
    """A Decimal becomes a JSON number, digit for digit: no float stands between database and wire."""

    encoder_class = ExactJSONEncoder

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return MARKED.sub(rb"\1", super().render(data, accepted_media_type, renderer_context))


class OneFormat(DefaultContentNegotiation):
    """There is one format: `Accept` and `?format=` are not asked, so that no call fails over them."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, str(first.media_type)
