"""Talking to banks: HTTP and the wire on one side, frozen results and named failures on the other."""
