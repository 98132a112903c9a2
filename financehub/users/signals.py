"""What people do that other apps may want to know."""

from django.dispatch import Signal

team_client_registered = Signal()
"""A demo team client signed in for the first time. Sent with `user`, after the account is stored."""
