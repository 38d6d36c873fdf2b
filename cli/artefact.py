"""The one way to prepare a thing: build aside, verify, rename; so it is whole, or not there at all.

A killed, interrupted or failed build leaves only something under a temporary name that the next one removes.
Two processes that want the same thing build it once. A changed key gives another thing; the old one goes when
nobody uses it.
"""

import hashlib
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from cli.failure import Failure
from cli.home import Home
from cli.lock import Lock
from cli.machine import check_disk, failure_of
from cli.processes import CommandFailed
from cli.progress import Progress, say


def key_of(*parts: str) -> str:
    """:return: a short key over everything a thing is made from"""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:10]


class Artefact(ABC):
    """A prepared thing, whose name carries the key over what it is made from.

    :param name: of this thing, key included; unique in the home
    :param title: as the user calls it
    """

    _in_use: dict[str, Lock] = {}

    def __init__(self, home: Home, name: str, title: str) -> None:
        self.home = home
        self.name = name
        self.title = title

    @abstractmethod
    def is_there(self) -> bool:
        """:return: whether it is complete"""

    @abstractmethod
    def build(self, progress: Progress) -> None:
        """Remove what a dead process left of it, build it aside, verify it and give it its name.

        The caller holds its lock: whatever lies under a temporary name of it belongs to nobody.
        """

    @abstractmethod
    def others(self) -> Iterable[str]:
        """:return: names of things of the same kind with another key"""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Remove another of the same kind. The caller holds its lock."""

    def prepare(self) -> None:
        """Build it unless it is there; this process then counts as its user until it ends.

        :raise Failure: it could not be built; nothing half-made is left
        """
        while not self._use():
            with self._lock(self.name) as lock:
                lock.acquire(waiting=self._say_waiting)
                if not self.is_there():
                    self._build_with_progress()
        self._remove_others()

    @classmethod
    def locks_in_use(cls) -> list[int]:
        """:return: descriptors that a program must inherit to be a user, too, of what this process uses"""
        return [lock.descriptor for lock in cls._in_use.values()]

    def _use(self) -> bool:
        """Hold the lock shared while this process lives, so that nobody removes the thing under it."""
        key = str(self.home.locks / self.name)
        if key in self._in_use:
            return True
        lock = self._lock(self.name)
        lock.acquire(shared=True, waiting=self._say_waiting)
        if self.is_there():
            self._in_use[key] = lock
            return True
        lock.release()
        return False

    def _build_with_progress(self) -> None:
        try:
            with Progress(self.title) as progress:
                self.build(progress)
        except (OSError, CommandFailed) as error:
            raise failure_of(error, self.title, self.home.folder) from error

    def _remove_others(self) -> None:
        for name in list(self.others()):
            with self._lock(name) as lock:
                if lock.try_acquire():
                    self.remove(name)

    def _lock(self, name: str) -> Lock:
        return Lock(self.home.locks / f"{name}.lock")

    def _say_waiting(self) -> None:
        say(f"{self.title}: another ./sdm is preparing it, waiting")


@dataclass(frozen=True)
class Build:
    """What the builder of a folder is given.

    :param target: the folder to fill, empty; it will be renamed
    :param final: the path it will have
    :param downloads: kept over failures until the folder is complete, so that the next try goes on
    :param progress: to show how far it is
    """

    target: Path
    final: Path
    downloads: Path
    progress: Progress


class Folder(Artefact):
    """A prepared folder in the home, named "kind-key".

    :param kind: such as "odoo"; without a hyphen
    :param key: over what it is made from, see :func:`key_of`
    :param megabytes: free disk that building it needs
    :param builder: fills the folder
    :param verify: raises Failure when what was built does not work
    """

    def __init__(
        self,
        home: Home,
        kind: str,
        key: str,
        *,
        title: str,
        megabytes: int,
        builder: Callable[[Build], None],
        verify: Callable[[Path], None],
    ) -> None:
        super().__init__(home, f"{kind}-{key}", title)
        self.kind = kind
        self.megabytes = megabytes
        self.path = home.prepared / self.name
        self._builder = builder
        self._verify = verify

    def ready(self) -> Path:
        """Prepare it.

        :return: its path
        """
        self.prepare()
        return self.path

    def is_there(self) -> bool:
        return self.path.is_dir()

    def build(self, progress: Progress) -> None:
        target = self._aside(self.name)
        remove_tree(target)
        check_disk(self.home.folder, self.megabytes, self.title)
        downloads = self.home.downloads / self.name
        downloads.mkdir(parents=True, exist_ok=True)
        try:
            target.mkdir()
            self._builder(Build(target, self.path, downloads, progress))
            self._verify(target)
            os.sync()
            target.rename(self.path)
        finally:
            remove_tree(target)
        remove_tree(downloads)

    def others(self) -> Iterable[str]:
        paths = [*self.home.prepared.glob(f"{self.kind}-*"), *self.home.prepared.glob(f".tmp-{self.kind}-*")]
        names = {path.name.removeprefix(".tmp-") for path in paths if path.is_dir()}
        return sorted(names - {self.name})

    def remove(self, name: str) -> None:
        aside = self._aside(name)
        remove_tree(aside)
        if (self.home.prepared / name).exists():
            (self.home.prepared / name).rename(aside)
        remove_tree(aside, self.home.downloads / name)

    def _aside(self, name: str) -> Path:
        return self.home.prepared / f".tmp-{name}"


def remove_tree(*folders: Path) -> None:
    """Remove folders with everything in them; those that are not there are fine.

    :raise Failure: one could not be removed
    """
    for folder in folders:
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise Failure(f"cannot remove {folder} ({error.strerror})", "remove it by hand and start again") from error
