"""Reports as pages show them: figures, charts and tables with the rows behind each."""
