"""The bundled banks: vbank, abank and sbank in one process of their own, known to FinanceHub by URL only."""
