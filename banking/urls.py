"""The pages of banking."""

from django.urls import path

from banking.views import accounts, connect, consents, dashboard, edits, rules, transactions, transfers

app_name = "banking"
urlpatterns = [
    path("overview/", dashboard.dashboard, name="dashboard"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/<int:pk>/", accounts.account, name="account"),
    path("connect/", connect.banks, name="connect"),
    path("connect/<slug:bank_code>/", connect.bank, name="connect_bank"),
    path("connections/<int:pk>/", connect.connection, name="connection"),
    path("connections/<int:pk>/sync/", connect.sync, name="connection_sync"),
    path("connections/<int:pk>/check/", connect.check, name="connection_check"),
    path("connections/<int:pk>/cancel/", connect.cancel, name="connection_cancel"),
    path("connections/<int:pk>/disconnect/", connect.disconnect, name="connection_disconnect"),
    path("connections/<int:pk>/renew/", connect.renew, name="connection_renew"),
    path("connections/<int:pk>/renew/cancel/", connect.cancel_renewal, name="connection_cancel_renewal"),
    path("consents/", consents.consents, name="consents"),
    path("consents/journal/", consents.journal, name="journal"),
    path("transactions/", transactions.transactions, name="transactions"),
    path("transactions/export/<slug:kind>/", transactions.export, name="transactions_export"),
    path("transactions/edit/", edits.change, name="edit_rows"),
    path("transactions/edits/", edits.history, name="edits"),
    path("transactions/edits/<int:pk>/undo/", edits.undo, name="edit_undo"),
    path("transactions/<int:pk>/", transactions.transaction, name="transaction"),
    path("transactions/<int:pk>/category/", transactions.category, name="transaction_category"),
    path("transactions/<int:pk>/note/", transactions.note, name="transaction_note"),
    path("rules/", rules.rules, name="rules"),
    path("rules/new/", rules.new, name="rule_new"),
    path("rules/<int:pk>/", rules.rule, name="rule"),
    path("rules/<int:pk>/apply/", rules.apply, name="rule_apply"),
    path("rules/<int:pk>/delete/", rules.delete, name="rule_delete"),
    path("transfers/", transfers.transfers, name="transfers"),
    path("transfers/new/", transfers.new, name="transfer_new"),
    path("transfers/new/send/", transfers.send, name="transfer_send"),
    path("transfers/<int:pk>/", transfers.transfer, name="transfer"),
    path("transfers/<int:pk>/check/", transfers.check, name="transfer_check"),
    path("transfers/<int:pk>/receipt/", transfers.receipt, name="transfer_receipt"),
]
