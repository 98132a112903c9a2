"""Kernel: structured logs that carry a request id and no secrets."""

import logging
import re
import uuid
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

REDACTED = "[redacted]"
SECRET_KEYS = re.compile(
    r"password|passwd|secret|token|authorization|cookie|api_?key|signature|pan|card_?number", re.IGNORECASE
)
SECRET_VALUES = re.compile(
    r"(?P<jwt>eyJ[\w-]{8,}\.[\w-]+\.[\w-]+)"
    r"|(?P<fernet>gAAAA[\w=-]{20,})"
    r"|(?P<bearer>(?<=[Bb]earer )\S+)"
    r"|(?P<query>(?<=client_secret=)[^&\s\"']+)"
)


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: blank secrets by key and by look, in texts and tracebacks alike."""
    for key, value in event.items():
        if SECRET_KEYS.search(key):
            event[key] = REDACTED
        elif isinstance(value, str):
            event[key] = SECRET_VALUES.sub(REDACTED, value)
    return event


PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.format_exc_info,
    redact,
]


def logging_config(*, level: str, json: bool) -> dict[str, Any]:
    """Django's LOGGING: everything, ours and the libraries', through one redacting formatter."""
    structlog.configure(
        processors=[*PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if json else structlog.dev.ConsoleRenderer()
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                "foreign_pre_chain": PROCESSORS,
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"level": level},
            "urllib3": {"level": logging.WARNING},  # it logs URLs, and a bank's token URL holds the secret
        },
    }


class RequestIdMiddleware:
    """Give every request an id, in its logs and in its answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response
