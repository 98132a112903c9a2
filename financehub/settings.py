"""The site's settings: the only place that reads the environment.

Every variable is described in `.env.example`; a test keeps the two in step.
"""

from datetime import timedelta
from pathlib import Path

import environ
from corsheaders.defaults import default_headers
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from financehub import logs

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
if not env.bool("DEMO", default=False):  # the demo stays away from what a .env points at
    env.read_env(BASE_DIR / ".env")

# --- Mode -----------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)


def _secret(name: str, demo_value: str, *, required: bool = True) -> str:
    """Read a secret; its published demo value is good for DEBUG and DEMO only."""
    value = env.str(name, default="")
    if DEBUG or DEMO:
        return value or demo_value
    if (required and not value) or value == demo_value:
        raise ImproperlyConfigured(
            f"{name} is not set, or is the published demo value. Set {name} in the environment "
            f"(see .env.example for how to make one), or start with DEMO=1 to try the demo."
        )
    return value


# --- Secrets --------------------------------------------------------------------------------------

SECRET_KEY = _secret("SECRET_KEY", "demo-secret-key-for-sessions-and-forms-never-in-production")
JWT_SIGNING_KEY = _secret("JWT_SIGNING_KEY", "demo-jwt-signing-key-never-in-production-0123456789")
BANK_TOKEN_KEYS = [
    key.strip()
    for key in _secret("BANK_TOKEN_KEYS", "ZGVtby1iYW5rLXRva2VuLWtleS1uZXZlci1pbi1wcm8=").split(",")
]

# --- Hosts ----------------------------------------------------------------------------------------

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CORS_ALLOWED_ORIGINS = env.list(
    "CORS_ORIGINS",
    default=[
        "http://localhost:3000",
        "http://localhost:5173",
        "http://127.0.0.1:3000",
        "http://127.0.0.1:5173",
    ],
)
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_HEADERS = (*default_headers, "idempotency-key")
CORS_URLS_REGEX = r"^/api/"
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

# --- Applications ---------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "corsheaders",
    "csp",
    "rest_framework",
    "rest_framework_simplejwt",
    "rest_framework_simplejwt.token_blacklist",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "huey.contrib.djhuey",
    "financehub",
    "financehub.users",
    "banking",
    "analytics",
]

MIDDLEWARE = [
    "financehub.logs.RequestIdMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "financehub.users.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "financehub.http.PrivatePagesMiddleware",
]

ROOT_URLCONF = "financehub.urls"
WSGI_APPLICATION = "financehub.wsgi.application"
APPEND_SLASH = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# --- Database: SQLite alone, PostgreSQL for many processes ------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'financehub.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {
        "pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL", default=8)}
    }

# --- Queue ----------------------------------------------------------------------------------------

HUEY = {
    "name": "financehub",
    "huey_class": "huey.SqliteHuey",
    "connection": {"filename": str(VAR_DIR / "huey.sqlite3")},
    "immediate": False,
    "results": False,
    "consumer": {
        "workers": env.int("WORKER_THREADS", default=4),
        "worker_type": "thread",
        "max_delay": 0.5,  # seconds between two looks at an empty queue: somebody watches a progress bar
    },
}

# --- People ---------------------------------------------------------------------------------------

AUTH_USER_MODEL = "users.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "financehub.users.hashers.SmallArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "users:login"
LOGIN_REDIRECT_URL = "banking:dashboard"
LOGOUT_REDIRECT_URL = "landing"

# --- Cookies and headers --------------------------------------------------------------------------

HTTPS = env.bool("HTTPS", default=not (DEBUG or DEMO))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = int(timedelta(days=730).total_seconds()) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"
FILE_UPLOAD_HANDLERS = [
    "financehub.uploads.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# --- Language, time, money ------------------------------------------------------------------------

LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", _("Русский")), ("en", _("Английский"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Moscow"
LANGUAGE_COOKIE_NAME = "language"

# --- Static files ---------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- API ------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["financehub.api.authentication.AccessTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["financehub.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["financehub.api.renderers.ExactJSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "financehub.api.renderers.OneFormat",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "financehub.api.errors.handle_exception",
    "COERCE_DECIMAL_TO_STRING": False,
    "UNAUTHENTICATED_USER": None,
}
SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    "SIGNING_KEY": JWT_SIGNING_KEY,
    "ISSUER": "financehub",
    "AUDIENCE": "financehub-api",
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=30),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "CHECK_REVOKE_TOKEN": True,
    "TOKEN_TYPE_CLAIM": "type",
    "USER_ID_CLAIM": "user_id",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "FinanceHub API",
    "DESCRIPTION": "Accounts, transactions and analytics of one person across banks.",
    "VERSION": "1.0.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "ENFORCE_NON_BLANK_FIELDS": True,
    "ENUM_NAME_OVERRIDES": {
        "TransferStatusEnum": "banking.api.transfer_serializers.STATUS_WORDS",
        "EditKindEnum": "banking.models.Edit.Kind",
        "CategoryKindEnum": "banking.models.Category.Kind",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "financehub.api.schema.describe_errors",
    ],
}

# --- Banks ----------------------------------------------------------------------------------------

BANK_TEAM_ID = env.str("BANK_TEAM_ID", default="team075")
BANK_TEAM_SECRET = _secret("BANK_TEAM_SECRET", "demo-team-secret")
BANK_CA_FILE = env.str("BANK_CA_FILE", default="")
BANK_BASE_URLS = {
    "vbank": env.str("VBANK_BASE_URL", default="https://vbank.open.bankingapi.ru"),
    "abank": env.str("ABANK_BASE_URL", default="https://abank.open.bankingapi.ru"),
    "sbank": env.str("SBANK_BASE_URL", default="https://sbank.open.bankingapi.ru"),
}

# --- GOST and the Banking API: `{bank}` in an address is replaced by the code of the bank -------------

GOST_ENABLED = env.bool("GOST_ENABLED", default=False)
GOST_BASE_URL = env.str("GOST_BASE_URL", default="https://api.gost.bankingapi.ru:8443")
GOST_HOST_HEADER = env.str("GOST_HOST_HEADER", default="")
GOST_CA_FILE = env.str("GOST_CA_FILE", default="")
GOST_CERT_SHA256 = env.str("GOST_CERT_SHA256", default="")
GOST_CHECK_HOSTNAME = env.bool("GOST_CHECK_HOSTNAME", default=True)
GOST_CLIENT_CERT = env.str("GOST_CLIENT_CERT", default="")
GOST_CLIENT_KEY = env.str("GOST_CLIENT_KEY", default="")
GOST_CONNECT_TIMEOUT = env.int("GOST_CONNECT_TIMEOUT", default=5)
GOST_HANDSHAKE_TIMEOUT = env.int("GOST_HANDSHAKE_TIMEOUT", default=10)
BANKINGAPI_BASE_URL = env.str("BANKINGAPI_BASE_URL", default="https://api.bankingapi.ru")
BANKINGAPI_TOKEN_URL = env.str(
    "BANKINGAPI_TOKEN_URL",
    default="https://auth.bankingapi.ru/auth/realms/kubernetes/protocol/openid-connect/token",
)
BANKINGAPI_CLIENT_ID = env.str("BANKINGAPI_CLIENT_ID", default=BANK_TEAM_ID)
BANKINGAPI_CLIENT_SECRET = _secret("BANKINGAPI_CLIENT_SECRET", "demo-oauth-secret", required=GOST_ENABLED)
BANKINGAPI_CLIENT_HEADER = env.str("BANKINGAPI_CLIENT_HEADER", default="")
BANKINGAPI_CONSENT_HEADER = env.str("BANKINGAPI_CONSENT_HEADER", default="")

# --- Exchange rates: the Bank of Russia's daily list, as XML ------------------------------------------

RATES_URL = env.str("RATES_URL", default="")
RATES_SOURCE = env.str("RATES_SOURCE", default="cbr")
if RATES_SOURCE not in {"cbr", "bundled"}:
    raise ImproperlyConfigured("RATES_SOURCE is cbr or bundled: it is named beside every sum in rubles.")

# --- Synchronisation and transfers ----------------------------------------------------------------

SYNC_INTERVAL = timedelta(minutes=env.int("SYNC_INTERVAL_MINUTES", default=360))
SYNC_LEASE = timedelta(seconds=env.int("SYNC_LEASE_SECONDS", default=60))
BANK_CALLS_PER_DAY = env.int("BANK_CALLS_PER_DAY", default=2_000)
BANK_CALLS_RESERVE = env.int("BANK_CALLS_RESERVE", default=200)
TRANSFER_LEASE = timedelta(seconds=env.int("TRANSFER_LEASE_SECONDS", default=120))
TRANSFER_LIMIT = env.int("TRANSFER_LIMIT", default=600_000)
TRANSFER_DAY_LIMIT = env.int("TRANSFER_DAY_LIMIT", default=1_000_000)

# --- Logs -----------------------------------------------------------------------------------------

LOGGING = logs.logging_config(level=env.str("LOG_LEVEL", default="INFO"), json=not DEBUG)
