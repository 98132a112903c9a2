"""The nightly clearing of what sign-ins leave behind."""

from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from financehub.users import throttle, tokens


@db_periodic_task(crontab(hour="3", minute="40"))
def forget_old_sign_ins() -> None:
    """Delete attempts that limit nobody, expired refresh tokens and expired sessions."""
    now = timezone.now()
    throttle.forget_full(now=now)
    tokens.forget_expired(now=now)
    SessionStore.clear_expired()
