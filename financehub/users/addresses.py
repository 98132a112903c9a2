"""Where a request came from, as far as our own proxies can be believed."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The client's address; an IPv6 client counts as its /64, which is one household.

    Each of the TRUSTED_PROXIES appended one address to X-Forwarded-For. What stands further to the
    left was sent by the client, who may write anything there.
    """
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    hops: int = settings.TRUSTED_PROXIES
    if 0 < hops <= len(forwarded):
        return _subject(forwarded[-hops]) or _subject(request.META["REMOTE_ADDR"])
    return _subject(request.META["REMOTE_ADDR"])


def _subject(text: str) -> str:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
