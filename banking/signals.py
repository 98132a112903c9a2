"""What happens to rows that apps above may want to know."""

from django.dispatch import Signal

rows_changed = Signal()
"""A person's rows changed. Sent with `user_id`, in the transaction that changes them, their person locked."""

account_settled = Signal()
"""What an account kept by hand holds was computed. Sent with `account`, in the transaction that does it."""
