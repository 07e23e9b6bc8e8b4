"""Tapedeck's settings: every choice comes from the environment, and every default is safe."""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

from dashboard.databases import database
from dashboard.keyfiles import read_or_create

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# What this process is: "web" answers requests, "worker" performs work items, "command" the rest.
TAPEDECK_ROLE = env.str("TAPEDECK_ROLE", default="command")
if TAPEDECK_ROLE not in {"web", "worker", "command"}:
    raise ImproperlyConfigured("TAPEDECK_ROLE must be web, worker or command.")

# The one folder that holds what Tapedeck keeps: database, media, transcript files, first keys.
TAPEDECK_DATA = Path(env.str("TAPEDECK_DATA", default=str(BASE_DIR / "var"))).resolve()
TAPEDECK_DATA.mkdir(mode=0o700, parents=True, exist_ok=True)

DEBUG = env.bool("TAPEDECK_DEBUG", default=False)
TAPEDECK_DEMO = env.bool("TAPEDECK_DEMO", default=False)

# SECRET_KEY signs sessions; accounts' secrets have keys of their own, the first of which encrypts.
TAPEDECK_KEY_FILE = TAPEDECK_DATA / "keys"
SECRET_KEY = env.str("TAPEDECK_SECRET_KEY", default="") or read_or_create(
    TAPEDECK_DATA / "secret_key", get_random_secret_key
)
TAPEDECK_KEYS = (
    env.list("TAPEDECK_KEYS", default=[])
    or read_or_create(TAPEDECK_KEY_FILE, lambda: Fernet.generate_key().decode("ascii")).split()
)

# Where people and providers reach this installation, as scheme://host[:port].
PUBLIC_URL = env.str("PUBLIC_URL", default="").rstrip("/")
_public = urlsplit(PUBLIC_URL)
if PUBLIC_URL and (
    _public.scheme not in {"http", "https"} or not _public.hostname or _public.path or _public.query
):
    raise ImproperlyConfigured("PUBLIC_URL must be scheme://host or scheme://host:port, no more.")
_is_https = _public.scheme == "https"

ALLOWED_HOSTS = [
    *([_public.hostname] if _public.hostname else []),
    "localhost",
    "127.0.0.1",
    "[::1]",
]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
# https ends at a proxy in front; it must set this header itself, whatever the client sent.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _is_https else None
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _is_https
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _is_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _is_https
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"

# Hosts, as host or host:port, where http and loopback addresses are allowed: demo and tests.
TAPEDECK_LOOPBACK_HOSTS = env.list("TAPEDECK_LOOPBACK_HOSTS", default=[])

# The clocks of the work engine: each must be shorter than the next (see the system checks).
TAPEDECK_CALL_SECONDS = env.float("TAPEDECK_CALL_SECONDS", default=30.0)
TAPEDECK_LEASE_SECONDS = env.float("TAPEDECK_LEASE_SECONDS", default=60.0)
TAPEDECK_TIMEOUT_SECONDS = env.int("TAPEDECK_TIMEOUT_SECONDS", default=90)
TAPEDECK_RETRY_SECONDS = env.int("TAPEDECK_RETRY_SECONDS", default=120)
TAPEDECK_LOOK_SECONDS = env.float("TAPEDECK_LOOK_SECONDS", default=20.0)
TAPEDECK_PICKUP_SECONDS = env.float("TAPEDECK_PICKUP_SECONDS", default=5.0)
# Bodies of settled callbacks are forgotten after so many days.
TAPEDECK_BODY_DAYS = env.int("TAPEDECK_BODY_DAYS", default=30)
# Media of providers that cannot be read in pieces are copied here, the least recently played go first.
TAPEDECK_MEDIA_CACHE_BYTES = env.int("TAPEDECK_MEDIA_CACHE_BYTES", default=2 * 1024**3)
# Longer than a call: a worker that waits for a slow provider is not wedged.
TAPEDECK_STALE_SECONDS = env.float("TAPEDECK_STALE_SECONDS", default=TAPEDECK_CALL_SECONDS + 10)
# Longer than a call, too: one that is under way at the end may still be answered.
TAPEDECK_GRACE_SECONDS = env.float("TAPEDECK_GRACE_SECONDS", default=TAPEDECK_CALL_SECONDS + 5)

# Alerts by email: smtp://user:password@host:25, or smtp+tls:// and smtp+ssl://. Unset: no email is sent.
TAPEDECK_HAS_EMAIL = bool(env.str("EMAIL_URL", default=""))
if TAPEDECK_HAS_EMAIL:
    globals().update(env.email_url("EMAIL_URL"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("TAPEDECK_EMAIL_FROM", default=f"tapedeck@{_public.hostname or 'localhost'}")

# Processes.
TAPEDECK_BIND = env.str("TAPEDECK_BIND", default="127.0.0.1:8000")
TAPEDECK_THREADS = env.int("TAPEDECK_THREADS", default=4)
TAPEDECK_WORKERS = env.int("TAPEDECK_WORKERS", default=4)

INSTALLED_APPS = [
    "dashboard",
    "transcripts",
    "recordings",
    "django_htmx",
    "django_q",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "dashboard.middleware.BareRoutes",  # First: what follows costs more than taking in a webhook.
    "dashboard.middleware.GzipPages",
    "django.middleware.security.SecurityMiddleware",
    "dashboard.middleware.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dashboard.middleware.HtmxLogin",
    "dashboard.middleware.LoginRequired",
    "dashboard.middleware.OperatorTimeZone",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "dashboard.urls"
WSGI_APPLICATION = "dashboard.wsgi.application"
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
    },
]

# A page that meets a locked database says "try again" soon, and a callback is answered within 2 s in
# any case; a worker has time to wait its turn.
DATABASES = {
    "default": database(
        env, TAPEDECK_DATA / "tapedeck.sqlite3", wait_seconds=1.8 if TAPEDECK_ROLE == "web" else 20.0
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "dashboard.User"
AUTHENTICATION_BACKENDS = ["dashboard.rights.Rights"]
SESSION_ENGINE = "dashboard.sessions"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
USE_I18N = False

STATIC_URL = "/static/"
STATIC_ROOT = TAPEDECK_DATA / "static"
STATICFILES_DIRS = [folder for folder in [BASE_DIR / "static"] if folder.is_dir()]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# The queue carries wake-ups only, so it keeps no history; see recordings for the work itself.
Q_CLUSTER = {
    "name": "tapedeck",
    "label": "Queue",
    "orm": "default",
    "poll": 0.05,
    "bulk": 1,
    "workers": TAPEDECK_WORKERS,
    "queue_limit": TAPEDECK_WORKERS,
    "recycle": 100_000,
    "max_rss": 400_000,  # KiB; a worker that grew past it is replaced after its task.
    "timeout": TAPEDECK_TIMEOUT_SECONDS,
    "retry": TAPEDECK_RETRY_SECONDS,
    "ack_failures": True,
    "max_attempts": 1,
    "save_limit": -1,
    "catch_up": False,
    "log_level": "WARNING",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "dashboard.logs.MaskedFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "line",
        }
    },
    "root": {
        "handlers": ["stdout"],
        "level": env.str("TAPEDECK_LOG_LEVEL", default="INFO").upper(),
    },
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "django-q": {"level": "WARNING"},
        # Each names the full address of every request.
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
    },
}
