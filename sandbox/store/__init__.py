"""What the banks remember, in an SQLite file of their own."""
