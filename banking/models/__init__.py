"""What is stored of banks: one file a model."""

from banking.models.account import Account, DailyBalance
from banking.models.audit_event import AuditEvent
from banking.models.bank import Bank
from banking.models.category import Category, HiddenCategory
from banking.models.category_rule import CategoryRule
from banking.models.connection import BankConnection
from banking.models.consent import Consent, ConsentEvent
from banking.models.day_total import DayTotal
from banking.models.edit import Edit, RowChange
from banking.models.sync_run import SyncRun, SyncRunAccount
from banking.models.transaction import Transaction
from banking.models.transfer import Transfer

__all__ = [
    "Account",
    "AuditEvent",
    "Bank",
    "BankConnection",
    "Category",
    "CategoryRule",
    "Consent",
    "ConsentEvent",
    "DailyBalance",
    "DayTotal",
    "Edit",
    "HiddenCategory",
    "RowChange",
    "SyncRun",
    "SyncRunAccount",
    "Transaction",
    "Transfer",
]
