"""The API's one error shape."""

from rest_framework.views import exception_handler as handle_exception

__all__ = ["handle_exception"]
