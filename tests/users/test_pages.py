"""The pages before the login and the settings behind it."""

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import reverse

from financehub.users import demo
from financehub.users.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
SETTINGS = "/settings"


def sign_in(client: Client, *, login: str = "anna", password: str = PASSWORD) -> HttpResponse:
    return client.post("/login", {"login": login, "password": password, "next": SETTINGS})


def is_signed_in(client: Client) -> bool:
    return client.get(SETTINGS).status_code == 200


def registration(**changes: str) -> dict[str, str]:
    data = {"login": "vera", "password": PASSWORD, "password_again": PASSWORD, "full_name": "Вера"}
    return data | changes


@pytest.mark.parametrize("address", ["/", "/login", "/register"])
def test_public_pages_open_for_anybody(client: Client, address: str) -> None:
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("login", ["anna", "anna@financehub.ru", "  ANNA@FinanceHub.ru "])
def test_login_takes_every_spelling_of_the_login(client: Client, anna: User, login: str) -> None:
    assert sign_in(client, login=login).headers["Location"] == SETTINGS
    assert is_signed_in(client)


def test_wrong_password_and_unknown_login_look_the_same(client: Client, anna: User) -> None:
    answers = [sign_in(client, password="wrong"), sign_in(client, login="nobody", password="wrong")]
    messages = [answer.context["form"].non_field_errors() for answer in answers]
    assert messages[0] == messages[1] == ["Неверный логин или пароль."]
    assert {answer.status_code for answer in answers} == {200}


def test_switched_off_account_is_told_so_only_with_the_right_password(client: Client, anna: User) -> None:
    User.objects.update(is_active=False)
    assert "отключена" in sign_in(client).content.decode()
    assert "отключена" not in sign_in(client, password="wrong").content.decode()
    assert not is_signed_in(client)


def test_login_changes_the_session_key(client: Client, anna: User) -> None:
    session = client.session
    session["before"] = "1"
    session.save()
    key = session.session_key
    sign_in(client)
    assert client.session.session_key != key


def test_login_page_forgets_the_typed_password(client: Client, anna: User) -> None:
    assert "wrong-password" not in sign_in(client, password="wrong-password").content.decode()


def test_login_is_never_cached(client: Client) -> None:
    assert "no-store" in client.get("/login").headers["Cache-Control"]


def test_old_session_is_dead_after_logout(anna_client: Client) -> None:
    stolen = anna_client.cookies[settings.SESSION_COOKIE_NAME].value
    assert anna_client.post("/logout").headers["Location"] == "/"
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = stolen
    assert not is_signed_in(thief)


def test_logout_is_refused_by_link(anna_client: Client) -> None:
    assert anna_client.get("/logout").status_code == 405
    assert is_signed_in(anna_client)


@pytest.mark.parametrize(
    "address", ["/login", "/register", "/logout", "/appearance", SETTINGS, "/settings/password"]
)
def test_forms_without_the_token_are_refused(anna: User, address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(anna)
    assert client.post(address, {}).status_code == 403


def test_settings_need_a_login(client: Client) -> None:
    assert client.get(SETTINGS).headers["Location"] == "/login?next=/settings"
    assert client.post("/settings/password").headers["Location"].startswith("/login")


def test_expired_login_inside_a_fragment_leaves_the_fragment(client: Client) -> None:
    answer = client.get(SETTINGS, headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/login?next=/settings"


def test_register_opens_an_account_and_signs_in(client: Client) -> None:
    with override_settings(LOGIN_REDIRECT_URL=SETTINGS):
        answer = client.post("/register", registration(phone="+7 900 123-45-67"))
    assert answer.status_code == 302
    user = User.objects.get()
    assert (user.email, user.full_name, user.role) == ("vera@financehub.ru", "Вера", User.Role.CUSTOMER)
    assert is_signed_in(client)


def test_registration_keeps_the_visitor_s_language(client: Client) -> None:
    client.post("/appearance", {"language": "en", "theme": "dark"})
    with override_settings(LOGIN_REDIRECT_URL=SETTINGS):
        client.post("/register", registration())
    user = User.objects.get()
    assert (user.language, user.theme) == ("en", "dark")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"login": "ANNA"}, "login"),
        ({"login": "not an address"}, "login"),
        ({"login": "a" * 65}, "login"),
        ({"password": "short"}, "password"),
        ({"password": "password1", "password_again": "password1"}, "password"),
        ({"password_again": "something else"}, "password_again"),
        ({"phone": "call me"}, "phone"),
        ({"full_name": "x" * 151}, "full_name"),
        ({"login": "a\x00b"}, "login"),
    ],
)
def test_registration_refuses(client: Client, anna: User, changes: dict[str, str], field: str) -> None:
    answer = client.post("/register", registration(**changes))
    assert field in answer.context["form"].errors
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "extra",
    [{"role": "admin"}, {"is_staff": "1"}, {"is_superuser": "1"}, {"use_gost_mode": "1"}, {"bank_code": "x"}],
)
def test_nobody_gives_themselves_rights(client: Client, extra: dict[str, str]) -> None:
    with override_settings(LOGIN_REDIRECT_URL=SETTINGS):
        client.post("/register", registration(**extra))
    client.post(SETTINGS, {"language": "ru", "theme": "system"} | extra)
    user = User.objects.get()
    assert user.role == User.Role.CUSTOMER
    assert not any([user.is_staff, user.is_superuser, user.use_gost_mode, user.bank_code])


def test_settings_store_what_was_typed(anna_client: Client, anna: User) -> None:
    answer = anna_client.post(
        SETTINGS,
        {
            "full_name": "Анна",
            "phone": "+7 900 000-00-00",
            "month_start": "15",
            "language": "en",
            "theme": "dark",
        },
        follow=True,
    )
    anna.refresh_from_db()
    assert anna.month_start == 15
    assert (anna.full_name, anna.phone, anna.language, anna.theme) == (
        "Анна",
        "+7 900 000-00-00",
        "en",
        "dark",
    )
    assert answer.headers["Content-Language"] == "en"
    assert answer.client.cookies["theme"].value == "dark"


def test_saving_the_name_keeps_this_device_s_theme(anna_client: Client) -> None:
    anna_client.cookies["theme"] = "dark"
    shown = anna_client.get(SETTINGS).context["profile_form"].initial
    answer = anna_client.post(SETTINGS, shown | {"full_name": "Анна"})
    assert answer.cookies["theme"].value == "dark"


def test_settings_refuse_an_unknown_language(anna_client: Client, anna: User) -> None:
    answer = anna_client.post(SETTINGS, {"full_name": "Другая", "language": "xx", "theme": "dark"})
    assert "language" in answer.context["profile_form"].errors
    anna.refresh_from_db()
    assert anna.full_name == "Анна Смирнова"


def test_the_gost_mode_is_switched_on_the_settings_page(anna_client: Client, anna: User) -> None:
    assert "подключаются по обычному TLS" in anna_client.get(SETTINGS).content.decode()
    switched = anna_client.post("/settings/gost", {"on": "1"}, follow=True).content.decode()
    assert "подключаются только через ГОСТ-шлюз" in switched
    assert User.objects.get(pk=anna.pk).use_gost_mode
    anna_client.post("/settings/gost", {"on": "0"})
    assert not User.objects.get(pk=anna.pk).use_gost_mode


def new_password(**changes: str) -> dict[str, str]:
    fresh = "another horse 8"
    return {"current_password": PASSWORD, "password": fresh, "password_again": fresh} | changes


def test_changed_password_ends_other_sessions_and_keeps_this_one(anna_client: Client, anna: User) -> None:
    other = Client()
    other.force_login(anna)
    assert anna_client.post("/settings/password", new_password()).headers["Location"] == SETTINGS
    assert is_signed_in(anna_client)
    assert not is_signed_in(other)
    anna.refresh_from_db()
    assert anna.check_password("another horse 8")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"current_password": "wrong"}, "current_password"),
        ({"password": "short", "password_again": "short"}, "password"),
        ({"password_again": "different horse"}, "password_again"),
    ],
)
def test_password_stays_when(anna_client: Client, anna: User, changes: dict[str, str], field: str) -> None:
    answer = anna_client.post("/settings/password", new_password(**changes))
    assert field in answer.context["password_form"].errors
    anna.refresh_from_db()
    assert anna.check_password(PASSWORD)


def test_visitor_switches_language_and_theme_by_cookie(client: Client) -> None:
    answer = client.post("/appearance", {"language": "en", "next": "/login"})
    assert answer.headers["Location"] == "/login"
    client.post("/appearance", {"theme": "dark"})
    page = client.get("/login")
    assert page.headers["Content-Language"] == "en"
    assert 'data-theme="dark"' in page.content.decode()


def test_pages_are_russian_whatever_the_browser_wants(client: Client) -> None:
    assert client.get("/", headers={"Accept-Language": "en"}).headers["Content-Language"] == "ru"


def test_switch_of_a_signed_in_person_follows_them(anna_client: Client, anna: User) -> None:
    anna_client.post("/appearance", {"language": "en", "theme": "light"})
    anna.refresh_from_db()
    assert (anna.language, anna.theme) == ("en", "light")


def test_unknown_choice_changes_nothing(client: Client) -> None:
    client.post("/appearance", {"language": "xx", "theme": "<script>"})
    assert "language" not in client.cookies


def test_unknown_cookies_are_ignored(client: Client) -> None:
    client.cookies["language"] = "../../etc"
    client.cookies["theme"] = '"><script>'
    page = client.get("/login")
    assert page.headers["Content-Language"] == "ru"
    assert "<script>" not in page.content.decode().replace("<script type", "")


def test_landing_sends_a_signed_in_person_on(anna_client: Client) -> None:
    with override_settings(LOGIN_REDIRECT_URL=SETTINGS):
        assert anna_client.get("/").headers["Location"] == SETTINGS


@pytest.mark.parametrize("address", ["/", "/login"])
def test_demo_logins_are_shown_in_the_demo_only(client: Client, address: str) -> None:
    with override_settings(DEMO=True):
        assert "gost2024" in client.get(address).content.decode()
    with override_settings(DEMO=False):
        page = client.get(address).content.decode()
        assert not [person for person in demo.PEOPLE if f'value="{person.password}"' in page]


def test_admin_uses_the_site_s_own_login(client: Client) -> None:
    assert client.get("/admin/").headers["Location"] == "/admin/login/?next=/admin/"
    assert client.get("/admin/login/?next=/admin/").headers["Location"] == "/login?next=/admin/"
    assert client.post("/admin/login/", {"username": "a", "password": "b"}).status_code == 405


def test_customer_is_refused_by_the_admin(anna_client: Client) -> None:
    assert anna_client.get("/admin/", follow=True).status_code == 403


def test_admin_shows_people_without_their_hashes(client: Client, anna: User) -> None:
    chief = User.objects.create_superuser("chief", PASSWORD)
    client.force_login(chief)
    for address in (
        reverse("admin:users_user_changelist"),
        reverse("admin:users_user_changelist") + "?q=анна",
        reverse("admin:users_user_change", args=[anna.pk]),
        reverse("admin:users_loginbucket_changelist"),
    ):
        page = client.get(address)
        assert page.status_code == 200
        assert anna.password not in page.content.decode()
