"""Where a form sends the person afterwards, when the request asks for a place of its own."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def safe_next(request: HttpRequest) -> str:
    """The `next` of the request if it is a path of this site, else an empty string."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    is_path = target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if is_path else ""
