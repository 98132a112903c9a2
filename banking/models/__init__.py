"""What is stored of banks: one file a model."""

from banking.models.account import Account, DailyBalance
from banking.models.audit_event import AuditEvent
from banking.models.bank import Bank
from banking.models.category import Category
from banking.models.connection import BankConnection
from banking.models.consent import Consent, ConsentEvent
from banking.models.day_total import DayTotal
from banking.models.month_total import MonthTotal
from banking.models.sync_run import SyncRun, SyncRunAccount
from banking.models.transaction import Transaction
from banking.models.transfer import Transfer

__all__ = [
    "Account",
    "AuditEvent",
    "Bank",
    "BankConnection",
    "Category",
    "Consent",
    "ConsentEvent",
    "DailyBalance",
    "DayTotal",
    "MonthTotal",
    "SyncRun",
    "SyncRunAccount",
    "Transaction",
    "Transfer",
]
