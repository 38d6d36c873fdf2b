"""Locks between processes that vanish with their process (flock)."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path


class Lock:
    """A lock file, held by one process or shared by several, until released or the process ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    @property
    def descriptor(self) -> int:
        """:return: of the lock that is held; a process that inherits it holds it, too"""
        return self._open()

    def try_acquire(self, *, shared: bool = False) -> bool:
        """Take the lock if that needs no waiting.

        :param shared: with others that also take it shared
        :return: whether it is held now
        """
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self._open(), kind | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            return False
        return True

    def acquire(self, *, shared: bool = False, waiting: Callable[[], None] = lambda: None) -> "Lock":
        """Take the lock, wait for it if need be.

        :param shared: with others that also take it shared
        :param waiting: called once before it waits, to say so
        :return: itself
        """
        if not self.try_acquire(shared=shared):
            waiting()
            fcntl.flock(self._open(), fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        return self

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> "Lock":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.release()

    def _open(self) -> int:
        if self._descriptor is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._descriptor
