"""What a bank row is about: texts, codes and MCC become a category and the reason for it."""
