"""`/api/v1`: banks, consents, accounts, transactions and categories."""

from banking.api import (
    accounts,
    banks,
    consent_requests,
    consents,
    exports,
    gost,
    imports,
    multibank,
    rules,
    splits,
    transactions,
    transfer_review,
    transfers,
)
from financehub.api.routing import endpoint

urlpatterns = [
    endpoint("banks/available-banks", banks.AvailableBanksView.as_view(), name="api-available-banks"),
    endpoint("banks/connect-demo", banks.ConnectView.as_view(), name="api-connect"),
    endpoint("banks/connections", banks.ConnectionListView.as_view(), name="api-connections"),
    endpoint("banks/connections/<connection_id>", banks.ConnectionView.as_view(), name="api-connection"),
    endpoint(
        "banks/connections/<connection_id>/sync",
        banks.ConnectionSyncView.as_view(),
        name="api-connection-sync",
    ),
    endpoint(
        "banks/connections/<connection_id>/check",
        banks.ConnectionCheckView.as_view(),
        name="api-connection-check",
    ),
    endpoint("consents/my-consents", consents.ConsentListView.as_view(), name="api-consents"),
    endpoint("consents/request", consent_requests.RequestView.as_view(), name="api-consent-offer"),
    endpoint("consents/requests", consent_requests.RequestListView.as_view(), name="api-consent-requests"),
    endpoint(
        "consents/requests/<consent_id>/approve",
        consent_requests.ApproveView.as_view(),
        name="api-consent-approve",
    ),
    endpoint(
        "consents/requests/<consent_id>/reject",
        consent_requests.RejectView.as_view(),
        name="api-consent-reject",
    ),
    endpoint("consents/<consent_id>", consents.ConsentView.as_view(), name="api-consent"),
    endpoint("consents/<consent_id>/events", consents.ConsentEventsView.as_view(), name="api-consent-events"),
    endpoint("accounts", accounts.AccountListView.as_view(), name="api-accounts"),
    endpoint("accounts/transfer", transfers.TransferView.as_view(), name="api-transfer"),
    endpoint("accounts/<account_id>", accounts.AccountView.as_view(), name="api-account"),
    endpoint(
        "accounts/<account_id>/restore", accounts.AccountRestoreView.as_view(), name="api-account-restore"
    ),
    endpoint(
        "accounts/<account_id>/transactions",
        accounts.AccountTransactionsView.as_view(),
        name="api-account-transactions",
    ),
    endpoint(
        "accounts/<account_id>/imports", imports.AccountImportsView.as_view(), name="api-account-imports"
    ),
    endpoint("imports/<import_id>", imports.ImportView.as_view(), name="api-import"),
    endpoint("transactions", transactions.TransactionListView.as_view(), name="api-transactions"),
    endpoint(
        "transactions/totals", transactions.TransactionTotalsView.as_view(), name="api-transaction-totals"
    ),
    endpoint(
        "transactions/transfers/review", transfer_review.ReviewView.as_view(), name="api-transfer-review"
    ),
    endpoint(
        "transactions/transfers/review/accept-all",
        transfer_review.AcceptAllView.as_view(),
        name="api-transfer-review-accept-all",
    ),
    endpoint(
        "transactions/transfers/review/switch",
        transfer_review.SwitchView.as_view(),
        name="api-transfer-review-switch",
    ),
    endpoint(
        "transactions/transfers/review/<match_id>/accept",
        transfer_review.AcceptView.as_view(),
        name="api-transfer-match-accept",
    ),
    endpoint(
        "transactions/transfers/review/<match_id>/reject",
        transfer_review.RejectView.as_view(),
        name="api-transfer-match-reject",
    ),
    endpoint(
        "transactions/transfers/review/<match_id>/undo",
        transfer_review.UndoView.as_view(),
        name="api-transfer-match-undo",
    ),
    endpoint("transactions/<transaction_id>/split", splits.SplitView.as_view(), name="api-split"),
    endpoint("transactions/<transaction_id>", transactions.TransactionView.as_view(), name="api-transaction"),
    endpoint(
        "transactions/<transaction_id>/restore",
        transactions.TransactionRestoreView.as_view(),
        name="api-transaction-restore",
    ),
    endpoint(
        "payments/transfers/internal",
        transfers.InternalTransferListView.as_view(),
        name="api-internal-transfers",
    ),
    endpoint(
        "payments/transfers/interbank",
        transfers.InterbankTransferListView.as_view(),
        name="api-interbank-transfers",
    ),
    endpoint("gost/status", gost.StatusView.as_view(), name="api-gost-status"),
    endpoint("gost/test-connection", gost.ConnectionTestView.as_view(), name="api-gost-test-connection"),
    endpoint("gost/test", gost.TestView.as_view(), name="api-gost-test"),
    endpoint("gost/health", gost.HealthView.as_view(), name="api-gost-health"),
    endpoint("auth/bank-token", multibank.AudienceTokenView.as_view(), name="api-auth-bank-token"),
    endpoint("multibank/bank-token", multibank.BankTokenView.as_view(), name="api-bank-token"),
    endpoint("multibank/request-consent", multibank.AskView.as_view(), name="api-partner-ask"),
    endpoint("multibank/revoke-consent", multibank.GiveUpView.as_view(), name="api-partner-give-up"),
    endpoint(
        "multibank/accounts-with-consent",
        multibank.PartnerAccountsView.as_view(),
        name="api-partner-accounts",
    ),
    endpoint(
        "multibank/balances-with-consent",
        multibank.PartnerBalancesView.as_view(),
        name="api-partner-balances",
    ),
    endpoint(
        "multibank/transactions-with-consent",
        multibank.PartnerTransactionsView.as_view(),
        name="api-partner-transactions",
    ),
    endpoint(
        "multibank/interbank-transfer", multibank.PartnerTransferView.as_view(), name="api-partner-transfer"
    ),
    endpoint("multibank/bank-statistics", multibank.FiguresView.as_view(), name="api-partner-figures"),
    endpoint("export/transactions/<file_format>", exports.TransactionExportView.as_view(), name="api-export"),
    endpoint("categories", transactions.CategoryListView.as_view(), name="api-categories"),
    endpoint("categories/<category_id>", transactions.CategoryView.as_view(), name="api-category"),
    endpoint("rules", rules.RuleListView.as_view(), name="api-rules"),
    endpoint("rules/preview", rules.DraftPreviewView.as_view(), name="api-rule-draft"),
    endpoint("rules/<rule_id>", rules.RuleView.as_view(), name="api-rule"),
    endpoint("rules/<rule_id>/preview", rules.RulePreviewView.as_view(), name="api-rule-preview"),
    endpoint("rules/<rule_id>/apply", rules.RuleApplyView.as_view(), name="api-rule-apply"),
    endpoint("rules/<rule_id>/runs", rules.RuleRunsView.as_view(), name="api-rule-runs"),
    endpoint("edits", rules.EditListView.as_view(), name="api-edits"),
    endpoint("edits/<edit_id>/undo", rules.EditUndoView.as_view(), name="api-edit-undo"),
]
