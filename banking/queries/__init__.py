"""What is asked of banking data, one module a subject; every question starts from a person."""
