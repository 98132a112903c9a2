"""Which rows are two sides of one movement of money: pure rules over rows, without a database."""
