"""Sync: what apps above hear of it."""

from django.dispatch import Signal

# Sent after an account was read completely: account=Account, outcome=sync.account.Outcome.
account_synced = Signal()
