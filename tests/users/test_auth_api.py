"""`/api/v1/auth`: login, registration, renewal, logout and "who am I"."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from rest_framework.test import APIClient

from financehub.users import tokens
from financehub.users.models import LoginBucket, User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
AUTH = "/api/v1/auth"


@pytest.fixture
def api() -> APIClient:
    return APIClient()


def login(api: APIClient, email: str = "anna@financehub.ru", password: str = PASSWORD) -> Any:
    return api.post(f"{AUTH}/login", {"email": email, "password": password}, format="json")


def me(access: str) -> Any:
    return APIClient().get(f"{AUTH}/me", headers={"Authorization": f"Bearer {access}"})


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("email", ["anna@financehub.ru", "anna", " ANNA "])
def test_login_answers_a_pair_of_tokens(api: APIClient, anna: User, email: str, slash: str) -> None:
    answer = api.post(f"{AUTH}/login{slash}", {"email": email, "password": PASSWORD}, format="json")
    assert answer.status_code == HTTPStatus.OK
    body = answer.json()
    assert set(body) == {"access_token", "refresh_token", "token_type", "roles"}
    assert body["token_type"] == "bearer"
    assert body["roles"] == ["customer"]
    assert me(body["access_token"]).status_code == HTTPStatus.OK


def test_wrong_password_and_unknown_login_get_one_answer(api: APIClient, anna: User) -> None:
    answers = [login(api, password="wrong"), login(api, email="nobody", password="wrong")]
    assert {answer.status_code for answer in answers} == {HTTPStatus.UNAUTHORIZED}
    assert answers[0].json() == answers[1].json() == {"detail": "Incorrect email or password"}
    assert answers[0].headers["WWW-Authenticate"].startswith("Bearer")


def test_inactive_account_is_forbidden(api: APIClient, anna: User) -> None:
    User.objects.update(is_active=False)
    assert login(api).json() == {"detail": "User account is inactive"}
    assert login(api).status_code == HTTPStatus.FORBIDDEN


def test_stale_token_does_not_spoil_the_login(api: APIClient, anna: User) -> None:
    api.credentials(HTTP_AUTHORIZATION="Bearer stale")
    assert login(api).status_code == HTTPStatus.OK


def test_signed_in_browser_can_log_in_over_the_api_without_a_form_token(anna: User) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(anna)
    assert login(browser).status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "anna"},
        {"password": PASSWORD},
        {"email": None, "password": None},
        {"email": {"a": 1}, "password": ["x"]},
        {"email": "a\x00", "password": "b\x00"},
        {"email": "anna", "password": "\ud800"},
        {"email": "a" * 300, "password": PASSWORD},
        {"email": "anna", "password": "x" * 10_000},
        [],
        "text",
    ],
)
@pytest.mark.parametrize("call", ["login", "register"])
def test_malformed_bodies_are_the_client_s_mistake(api: APIClient, call: str, body: Any) -> None:
    answer = api.post(f"{AUTH}/{call}", json.dumps(body), content_type="application/json")
    status = answer.status_code
    assert HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    assert not User.objects.exists()


def test_too_many_attempts_say_when_to_come_back(api: APIClient, anna: User) -> None:
    for _ in range(10):
        assert login(api, password="wrong").status_code == HTTPStatus.UNAUTHORIZED
    answer = login(api)
    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert 0 < int(answer.headers["Retry-After"]) <= 30
    assert answer.json()["detail"] == "Слишком много попыток. Повторите через 1 минуту."


def test_pages_and_api_share_the_attempts(api: APIClient, anna: User, client: Client) -> None:
    for _ in range(10):
        client.post("/login", {"login": "anna", "password": "wrong"})
    assert login(api).status_code == HTTPStatus.TOO_MANY_REQUESTS
    page = client.post("/login", {"login": "anna", "password": PASSWORD})
    assert page.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert int(page.headers["Retry-After"]) > 0
    assert "Слишком много попыток" in page.content.decode()


def test_register_answers_the_person(api: APIClient) -> None:
    body = {"email": "Vera", "password": "12345678", "full_name": "Вера", "phone": None}
    answer = api.post(f"{AUTH}/register", body, format="json")
    assert answer.status_code == HTTPStatus.CREATED
    person = answer.json()
    assert datetime.fromisoformat(person.pop("created_at")).utcoffset() == datetime.now(UTC).utcoffset()
    assert person == {
        "id": User.objects.get().pk,
        "email": "vera@financehub.ru",
        "full_name": "Вера",
        "phone": None,
        "is_active": True,
        "use_gost_mode": False,
        "roles": ["customer"],
    }
    assert login(api, email="vera", password="12345678").status_code == HTTPStatus.OK


def test_taken_login_is_refused(api: APIClient, anna: User) -> None:
    answer = api.post(f"{AUTH}/register", {"email": "ANNA", "password": "12345678"}, format="json")
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert answer.json() == {"detail": "Email already registered"}


@pytest.mark.parametrize("changes", [{"password": "1234567"}, {"email": "a b@c"}, {"email": ""}])
def test_register_refuses(api: APIClient, changes: dict[str, str]) -> None:
    body = {"email": "vera", "password": "12345678"} | changes
    assert not api.post(f"{AUTH}/register", body, format="json").status_code < HTTPStatus.BAD_REQUEST
    assert not User.objects.exists()


def test_mistakes_are_told_by_field(api: APIClient) -> None:
    answer = api.post(f"{AUTH}/register", {"email": "vera", "password": "1234567"}, format="json")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    body = answer.json()
    assert isinstance(body["detail"], str)
    assert [error.split(":")[0] for error in body["errors"]] == ["body -> password"]
    assert body["path"] == "/api/v1/auth/register"


def test_register_gives_nobody_rights(api: APIClient) -> None:
    body = {"email": "vera", "password": "12345678", "role": "admin", "is_staff": True, "use_gost_mode": True}
    api.post(f"{AUTH}/register", body, format="json")
    user = User.objects.get()
    assert (user.role, user.is_staff, user.use_gost_mode) == (User.Role.CUSTOMER, False, False)


@pytest.mark.django_db(transaction=True)
def test_one_of_five_simultaneous_registrations_wins() -> None:
    def attempt(_number: int) -> int:
        try:
            body = {"email": "vera", "password": "12345678"}
            return APIClient().post(f"{AUTH}/register", body, format="json").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(attempt, range(5))) == [201, 400, 400, 400, 400]


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("where", ["body", "query"])
def test_refresh_reads_body_and_query(api: APIClient, anna: User, where: str, slash: str) -> None:
    raw = tokens.issue(user=anna).refresh
    if where == "body":
        answer = api.post(f"{AUTH}/refresh{slash}", {"refresh_token": raw}, format="json")
    else:
        answer = api.post(f"{AUTH}/refresh{slash}?refresh_token={raw}")
    assert answer.status_code == HTTPStatus.OK
    assert me(answer.json()["access_token"]).status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    "body", [{}, {"refresh_token": None}, {"refresh_token": ""}, {"refresh_token": 7}, []]
)
def test_refresh_without_a_token_is_refused(api: APIClient, body: Any) -> None:
    status = api.post(f"{AUTH}/refresh", body, format="json").status_code
    assert HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR


def test_used_refresh_token_is_refused_in_one_way(api: APIClient, anna: User) -> None:
    raw = tokens.issue(user=anna).refresh
    assert api.post(f"{AUTH}/refresh", {"refresh_token": raw}, format="json").status_code == HTTPStatus.OK
    answer = api.post(f"{AUTH}/refresh", {"refresh_token": raw}, format="json")
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert answer.json() == {"detail": "Invalid refresh token"}


def test_logout_ends_the_refresh_token(api: APIClient, anna: User) -> None:
    raw = tokens.issue(user=anna).refresh
    assert (
        api.post(f"{AUTH}/logout", {"refresh_token": raw}, format="json").status_code == HTTPStatus.NO_CONTENT
    )
    answer = api.post(f"{AUTH}/refresh", {"refresh_token": raw}, format="json")
    assert answer.status_code == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize("slash", ["", "/"])
def test_me_tells_the_person_and_the_role(banker: User, banker_api: APIClient, slash: str) -> None:
    body = banker_api.get(f"{AUTH}/me{slash}").json()
    assert (body["id"], body["email"], body["roles"]) == (banker.pk, "banker@financehub.ru", ["banker"])
    assert body["created_at"].endswith("Z")


def test_role_change_counts_at_the_next_call(anna: User, anna_api: APIClient) -> None:
    User.objects.filter(pk=anna.pk).update(role=User.Role.AUDITOR)
    assert anna_api.get(f"{AUTH}/me").json()["roles"] == ["auditor"]


def test_session_cookie_opens_no_api(anna_client: Client) -> None:
    answer = anna_client.get(f"{AUTH}/me")
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_token_opens_no_page(anna_api: APIClient) -> None:
    assert anna_api.get("/settings").status_code == HTTPStatus.FOUND


def test_answers_with_tokens_are_never_stored(api: APIClient, anna: User) -> None:
    assert "no-store" in login(api).headers["Cache-Control"]


@override_settings(DEMO=True)
def test_team_client_registers_at_the_first_login_over_the_api(api: APIClient) -> None:
    body = login(api, email="team075-3", password="password").json()
    assert me(body["access_token"]).json()["full_name"] == "Team Client team075-3"


def test_login_table_names_nobody(api: APIClient, anna: User) -> None:
    login(api, password="wrong")
    assert not [bucket for bucket in LoginBucket.objects.all() if "anna" in bucket.key]
