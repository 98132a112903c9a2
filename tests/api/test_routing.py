"""An address of the API is the same with and without its trailing slash."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, resolve, reverse
from django.urls.exceptions import Resolver404

from financehub.api.routing import endpoint


def answer(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path(
        "api/v1/",
        include(
            [
                endpoint("accounts", answer, name="accounts"),
                endpoint("accounts/<int:account_id>", answer, name="account"),
            ]
        ),
    )
]

pytestmark = pytest.mark.urls(__name__)


@pytest.mark.parametrize("address", ["/api/v1/accounts", "/api/v1/accounts/"])
def test_both_spellings_reach_the_view(address: str) -> None:
    assert resolve(address).url_name == "accounts"


@pytest.mark.parametrize("address", ["/api/v1/accounts/7", "/api/v1/accounts/7/"])
def test_parameters_are_converted_in_both_spellings(address: str) -> None:
    assert resolve(address).kwargs == {"account_id": 7}


@pytest.mark.parametrize("address", ["/api/v1/accounts//", "/api/v1/accountsx", "/api/v1/accounts/seven"])
def test_other_addresses_stay_unknown(address: str) -> None:
    with pytest.raises(Resolver404):
        resolve(address)


def test_links_are_written_without_the_slash() -> None:
    assert reverse("account", kwargs={"account_id": 7}) == "/api/v1/accounts/7"
