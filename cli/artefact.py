"""The one way to prepare a folder: build aside, verify, rename; so it is whole, or not there at all.

A killed, interrupted or failed build leaves only a folder ``.tmp-...`` that the next one removes. Two
processes that want the same artefact build it once. A changed key gives another folder; the old one goes
when nobody uses it.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cli.failure import Failure
from cli.home import Home
from cli.lock import Lock
from cli.machine import check_disk, failure_of
from cli.processes import CommandFailed
from cli.progress import Progress, say


@dataclass(frozen=True)
class Build:
    """What a builder is given.

    :param target: the folder to fill, empty; it will be renamed
    :param final: the path it will have
    :param downloads: kept over failures until the artefact is complete, so that the next try goes on
    :param progress: to show how far it is
    """

    target: Path
    final: Path
    downloads: Path
    progress: Progress


def key_of(*parts: str) -> str:
    """:return: a short key over everything an artefact is made from"""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:10]


class Artefact:
    """A prepared folder.

    :param name: of its kind, such as "odoo"
    :param key: over what it is made from, see :func:`key_of`
    :param title: as the user calls it
    :param megabytes: free disk that building it needs
    :param build: fills the folder
    :param verify: raises Failure when what was built does not work
    """

    _used: dict[Path, Lock] = {}

    def __init__(
        self,
        home: Home,
        name: str,
        key: str,
        *,
        title: str,
        megabytes: int,
        build: Callable[[Build], None],
        verify: Callable[[Path], None],
    ) -> None:
        self.home = home
        self.name = name
        self.title = title
        self.megabytes = megabytes
        self.folder = home.folder / f"{name}-{key}"
        self._build = build
        self._verify = verify

    def prepare(self) -> Path:
        """Build it unless it is there; this process then counts as a user of it until it ends.

        :return: its folder
        :raise Failure: it could not be built; nothing half-made is left
        """
        lock = self._lock(self.folder.name)
        while not self._use():
            with lock.acquire(waiting=self._say_waiting):
                if not self.folder.is_dir():
                    self._build_aside()
        return self.folder

    def _use(self) -> bool:
        """Hold the lock shared while this process lives, so that nobody removes the folder under it."""
        if self.folder in self._used:
            return True
        lock = self._lock(self.folder.name).acquire(shared=True, waiting=self._say_waiting)
        if self.folder.is_dir():
            self._used[self.folder] = lock
            return True
        lock.release()
        return False

    def _build_aside(self) -> None:
        """Caller holds the lock, so any other temporary folder of this artefact is a dead process's."""
        remove_tree(*self.home.folder.glob(f".tmp-{self.folder.name}-*"))
        check_disk(self.home.folder, self.megabytes, self.title)
        target = self.home.folder / f".tmp-{self.folder.name}-{os.getpid()}"
        downloads = self.home.downloads / self.folder.name
        try:
            target.mkdir()
            downloads.mkdir(parents=True, exist_ok=True)
            with Progress(self.title) as progress:
                self._build(Build(target, self.folder, downloads, progress))
                self._verify(target)
                os.sync()
                target.rename(self.folder)
        except (OSError, CommandFailed) as error:
            raise failure_of(error, self.title, self.home.folder) from error
        finally:
            remove_tree(target)
        remove_tree(downloads)
        self._remove_others()

    def _remove_others(self) -> None:
        """Remove what older keys of this artefact left, unless a process still uses it."""
        for path in self.home.folder.glob(f"{self.name}-*"):
            lock = self._lock(path.name)
            if path == self.folder or not path.is_dir() or path.name[len(self.name) + 1 :].count("-"):
                continue
            with lock:
                if lock.try_acquire():
                    doomed = path.with_name(f".tmp-{path.name}-old")
                    path.rename(doomed)
                    remove_tree(doomed, *self.home.folder.glob(f".tmp-{path.name}-*"))

    def _lock(self, folder_name: str) -> Lock:
        return Lock(self.home.locks / f"{folder_name}.lock")

    def _say_waiting(self) -> None:
        say(f"{self.title}: another ./sdm is preparing it, waiting")


def remove_tree(*folders: Path) -> None:
    """Remove folders with everything in them; those that are not there are fine.

    :raise Failure: one could not be removed
    """
    for folder in folders:
        if not folder.is_symlink() and not folder.exists():
            continue
        try:
            shutil.rmtree(folder)
        except OSError as error:
            raise Failure(
                f"cannot remove {folder} ({error.strerror})", "remove it by hand and start again"
            ) from error
