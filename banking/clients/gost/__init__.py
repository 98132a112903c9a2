"""GOST TLS inside this process: OpenSSL's gost engine, one context, and measurements instead of promises."""
