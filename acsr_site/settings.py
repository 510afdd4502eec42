"""Settings of the portal; every variable is described in docs/settings.md."""

from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from acsr_site import env

BASE_DIR = env.BASE_DIR
DATA_DIR = env.make_data_dir()

SECRET_KEY, DEMO = env.secret_key()
SECRET_KEY_FALLBACKS = env.read.list("SECRET_KEYS_OLD", default=[])
DEBUG = env.read.bool("DEBUG", default=False)

# ------------------------------------------------------------------ who and where

PORT = env.number("PORT", 8000, least=1, most=65535)
SITE_URL = env.url("SITE_URL", f"http://127.0.0.1:{PORT}", schemes=("http", "https")).rstrip("/")
SITE_NAME = env.read.str("SITE_NAME", default="Northlight")
SUPPORT_CONTACT = env.read.str("SUPPORT_CONTACT", default="help@northlight.example")
SITE_HOST = urlsplit(SITE_URL).hostname or ""
if DEMO and SITE_HOST not in env.LOOPBACK:
    raise ImproperlyConfigured(
        "SITE_URL is not on this machine, and the demo must not be reachable: set SECRET_KEY."
    )
ALLOWED_HOSTS = env.read.list("ALLOWED_HOSTS", default=sorted({SITE_HOST, *env.LOOPBACK, "[::1]"}))
TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0, least=0, most=10)
# "CIDR=factor" pairs: a campus or a company behind one address gets that many times the limits.
SHARED_NETWORKS = env.read.list("SHARED_NETWORKS", default=[])
MANAGED_DOMAINS = env.read.list("MANAGED_DOMAINS", default=[])
# "observe": what the questionnaire alone would refuse goes to staff, with the suggestion only.
RECOVERY_MODE = env.choice("RECOVERY_MODE", "enforce", of=("enforce", "observe"))
# Codes of recovery.questions; the set is per site, never per account.
EVIDENCE_QUESTIONS = env.words("EVIDENCE_QUESTIONS", of=env.QUESTIONS)  # empty: all
# "name=Question" pairs: facts of the organisation's own, imported as keyed hashes.
EVIDENCE_FACTS = env.pairs("EVIDENCE_FACTS")
# Weakens the rule of two people, so a deploy check warns (recovery.W001).
ONE_PERSON_FOR_LOW_RISK = env.read.bool("ONE_PERSON_FOR_LOW_RISK", default=False)
# Members of these groups get no second step reset from evidence alone.
NO_RESET_GROUPS = env.words("NO_RESET_GROUPS")
REVIEW_HOURS = env.read.str("REVIEW_HOURS", default="Mon-Fri 09:00-17:00")
GEOIP_PATH = env.read.str("GEOIP_PATH", default="")
PASSWORD_POLICY = env.read.str("PASSWORD_POLICY", default="mixed")
IS_HTTPS = SITE_URL.startswith("https://")

# ------------------------------------------------------------------ parts

INSTALLED_APPS = [
    "acsr_site",
    "recovery",
    "activity",
    "accounts",
    "outbox",
    "acsr_site.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",  # its templates, which FORM_RENDERER lets ours override
    "csp",
    "django_otp",
    "django_otp_webauthn",
]
MIDDLEWARE = [
    "acsr_site.middleware.LiveMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "acsr_site.middleware.PrivateAnswerMiddleware",
    "csp.middleware.CSPMiddleware",
    "acsr_site.middleware.FaultMiddleware",
    "acsr_site.middleware.BodyLengthMiddleware",
    "acsr_site.middleware.CharsetMiddleware",
    "accounts.middleware.EndedSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.SessionUserMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "accounts.middleware.ClientMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
if DEMO:
    _client = MIDDLEWARE.index("accounts.middleware.ClientMiddleware")
    MIDDLEWARE.insert(_client + 1, "acsr_site.dev.elsewhere.ElsewhereMiddleware")
ROOT_URLCONF = "acsr_site.urls"
WSGI_APPLICATION = "acsr_site.wsgi.application"
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
                "acsr_site.context.site",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ------------------------------------------------------------------ database, cache, broker

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
    "PRAGMA busy_timeout=20000;PRAGMA temp_store=MEMORY;PRAGMA mmap_size=134217728;"
    "PRAGMA journal_size_limit=67108864;PRAGMA cache_size=-20000;"
)
# Many writers on one file: measured, nothing less than all three holds (docs/decisions).
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": SQLITE_PRAGMAS,
}
DATABASES = {
    "default": env.read.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'portal.sqlite3'}"),
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
    # A file, not memory: threads, the live server and the worker process must see it.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

CACHE_URL = env.read.str("CACHE_URL", default="")
if CACHE_URL:
    CACHES = {"default": env.read.cache_url("CACHE_URL")}
else:
    # Edge limits without a service: a database file of its own, so that counting never waits
    # for the portal's writers.
    CACHES = {
        "default": {
            "BACKEND": "acsr_site.cache.AtomicDatabaseCache",
            "LOCATION": "edge_limits",
        }
    }
    DATABASES["cache"] = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(DATA_DIR / "cache.sqlite3"),
        "OPTIONS": SQLITE_OPTIONS,
    }
    DATABASE_ROUTERS = ["acsr_site.cache.CacheRouter"]

BROKER_URL = env.read.str("BROKER_URL", default="filesystem://localhost")
# Tests look at rows and deliver by hand; a hint for no worker would only fill a broker.
PUBLISH_HINTS = env.read.bool("PUBLISH_HINTS", default=True)

# ------------------------------------------------------------------ mail and SMS

# The demo's own mail server (manage.py demo_mail_server) listens one port above the site.
_default_mail = f"smtp://127.0.0.1:{PORT + 1}" if DEMO else "smtp://127.0.0.1:25"
vars().update(env.read.email_url("EMAIL_URL", default=_default_mail))
EMAIL_TIMEOUT = 10  # seconds; shorter than the lease on a message (outbox/policy.py)
DEFAULT_FROM_EMAIL = env.read.str("DEFAULT_FROM_EMAIL", default=f"accounts@{SITE_HOST}")
SMS_URL = env.read.str("SMS_URL", default=f"file://{DATA_DIR / 'sms'}" if DEMO else "")
# Only to numbers of these countries (ISO 3166-1 alpha-2); empty: to all.
SMS_COUNTRIES = env.read.list("SMS_COUNTRIES", default=[])

# ------------------------------------------------------------------ accounts and sessions

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.StagedBackend"]
PASSWORD_HASHERS = [
    "accounts.hashers.PortalArgon2PasswordHasher",
    "accounts.hashers.WrappedPasswordHasher",
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "accounts:security"
SESSION_ENGINE = "accounts.session_store"
SESSION_COOKIE_NAME = "acsr_session"
SESSION_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "acsr_csrf"
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "acsr_site.views.csrf_failure"
CSRF_TRUSTED_ORIGINS = [SITE_URL] if IS_HTTPS else []

# Passkeys belong to a name, never to a number: the demo on 127.0.0.1 uses them on localhost.
PASSKEY_HOST = "localhost" if SITE_HOST in env.LOOPBACK else SITE_HOST
PASSKEY_ORIGIN = env.origin(SITE_URL, PASSKEY_HOST)
OTP_WEBAUTHN_CREDENTIAL_MODEL = "accounts.Passkey"
OTP_WEBAUTHN_HELPER_CLASS = "accounts.services.passkeys.PortalWebAuthnHelper"
OTP_WEBAUTHN_RP_ID = PASSKEY_HOST
OTP_WEBAUTHN_RP_NAME = SITE_NAME
OTP_WEBAUTHN_ALLOWED_ORIGINS = [PASSKEY_ORIGIN]
OTP_WEBAUTHN_ALLOW_PASSWORDLESS_LOGIN = True

# Questions that go up (style.md section 1); each hooks.py owns the type and the default.
AGENT_READER = "activity.useragents.words"
PLACE_FINDER = "activity.places.find"
SIGN_IN_ASSESSORS = ["activity.assessors.assess_sign_in"]
RECOVERABILITY = "recovery.recoverability.outlook_of"
ACCOUNT_DISPUTES = ["recovery.queries.is_disputed"]
ACCOUNT_BANNERS = ["recovery.queries.banners_for", "activity.banners.banners_for"]
STAFF_ROLES = "acsr_site.roles.ROLES"

# The rate limiter's cache is atomic here; django-ratelimit only knows the names it lists.
SILENCED_SYSTEM_CHECKS = ["django_ratelimit.W001"]
RATELIMIT_USE_CACHE = "default"

# ------------------------------------------------------------------ words and times

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
USE_I18N = True
FORMAT_MODULE_PATH = ["acsr_site.formats"]
USE_TZ = True
TIME_ZONE = env.time_zone("TIME_ZONE", "UTC")

# ------------------------------------------------------------------ static files and headers

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": env.read.str(
            "STATIC_STORAGE", default="whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = DEBUG

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024  # bytes; the largest form is the questionnaire
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"tokens": {"()": "acsr_site.logs.TokenFilter"}},
    "formatters": {"line": {"()": "acsr_site.logs.LineFormatter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["tokens"],
        }
    },
    "root": {"handlers": ["console"], "level": env.read.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.server": {"handlers": ["console"], "propagate": False},
        "celery": {"level": "WARNING"},  # otherwise two lines for every tick of every sweep
        "mail.log": {"level": "WARNING"},  # the demo's mail server would print every address
    },
}
