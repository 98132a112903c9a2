"""Kernel: uploaded files are read up to a bound; what is longer is let go by, not kept."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

MOST_BYTES = 11 * 2**20


class BoundedUpload(FileUploadHandler):
    """Stands before Django's own handlers; a file that is too long ends up as none at all."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self._received += len(raw_data)
        if self._received > MOST_BYTES:
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The handlers behind this one make the file."""
