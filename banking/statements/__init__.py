"""Files of rows as banks and programs write them: bytes → a sheet → columns → rows. Knows no database."""
