"""Clients: what holds connections closes them when its `with` block ends, however it ends."""

from abc import ABC, abstractmethod
from typing import Self


class Closing(ABC):
    """Something to be used in a `with` block, or closed by hand."""

    @abstractmethod
    def close(self) -> None:
        """Let all connections go."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()
