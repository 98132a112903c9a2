"""`/api/v1`: banks, consents, accounts, transactions and categories."""

from banking.api import accounts, banks, consents, exports, transactions, transfers
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
    endpoint("consents/<consent_id>", consents.ConsentView.as_view(), name="api-consent"),
    endpoint("consents/<consent_id>/events", consents.ConsentEventsView.as_view(), name="api-consent-events"),
    endpoint("accounts", accounts.AccountListView.as_view(), name="api-accounts"),
    endpoint("accounts/transfer", transfers.TransferView.as_view(), name="api-transfer"),
    endpoint("accounts/<account_id>", accounts.AccountView.as_view(), name="api-account"),
    endpoint(
        "accounts/<account_id>/transactions",
        accounts.AccountTransactionsView.as_view(),
        name="api-account-transactions",
    ),
    endpoint("transactions", transactions.TransactionListView.as_view(), name="api-transactions"),
    endpoint(
        "transactions/totals", transactions.TransactionTotalsView.as_view(), name="api-transaction-totals"
    ),
    endpoint("transactions/<transaction_id>", transactions.TransactionView.as_view(), name="api-transaction"),
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
    endpoint("export/transactions/<file_format>", exports.TransactionExportView.as_view(), name="api-export"),
    endpoint("categories", transactions.CategoryListView.as_view(), name="api-categories"),
]
