"""Query results as templates print them: words, formatted figures and links."""
