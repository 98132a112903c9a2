"""The names under which the reason for a category is stored, strongest first."""

from enum import StrEnum


class Reason(StrEnum):
    """The first three are decided above the rules here, by those who know the person's data."""

    PERSON = "person"
    RULE = "rule"
    TRANSFER_PAIR = "transfer_pair"
    BANK_CODE = "bank_code"
    FIXED_TEXT = "fixed_text"
    KEYWORD = "keyword"
    MCC = "mcc"
    BANK_CATEGORY = "bank_category"
    DEFAULT = "default"


RETURNED = "returned"  # the detail of a transfer that the bank gave back
