"""What is stored of banks: one file a model."""

from banking.models.account import Account, DailyBalance
from banking.models.audit_event import AuditEvent
from banking.models.bank import Bank
from banking.models.bank_circuit import BankCircuit
from banking.models.category import Category, HiddenCategory
from banking.models.category_rule import CategoryRule
from banking.models.connection import BankConnection
from banking.models.consent import Consent, ConsentEvent
from banking.models.day_total import DayTotal
from banking.models.edit import Edit, RowChange
from banking.models.exchange_rate import ExchangeRate
from banking.models.gost_handshake import GostHandshake
from banking.models.month_total import MonthTotal
from banking.models.partner import BankKey, PartnerBank
from banking.models.refund_link import RefundLink
from banking.models.saved_view import SavedView
from banking.models.statement_import import ImportProfile, StatementImport
from banking.models.sync_run import SyncRun, SyncRunAccount
from banking.models.tag import Tag
from banking.models.transaction import Transaction
from banking.models.transfer import Transfer
from banking.models.transfer_match import TransferMatch

__all__ = [
    "Account",
    "AuditEvent",
    "Bank",
    "BankCircuit",
    "BankConnection",
    "BankKey",
    "Category",
    "CategoryRule",
    "Consent",
    "ConsentEvent",
    "DailyBalance",
    "DayTotal",
    "Edit",
    "ExchangeRate",
    "GostHandshake",
    "HiddenCategory",
    "ImportProfile",
    "MonthTotal",
    "PartnerBank",
    "RefundLink",
    "RowChange",
    "SavedView",
    "StatementImport",
    "SyncRun",
    "SyncRunAccount",
    "Tag",
    "Transaction",
    "Transfer",
    "TransferMatch",
]
