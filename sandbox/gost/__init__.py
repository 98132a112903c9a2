"""A TLS gateway with Russian national cryptography in front of the bundled banks."""
