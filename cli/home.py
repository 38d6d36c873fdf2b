"""The one folder that holds everything prepared, and the places in it."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from cli.failure import Failure

# Tells a folder that ./sdm made from any other
MARK = ".sdm-home"
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Home:
    """Places in the folder of prepared things.

    :param folder: ``.sdm`` in the clone, or the folder named by SDM_HOME, which several clones may share
    """

    folder: Path

    @property
    def prepared(self) -> Path:
        """The folders that :mod:`cli.artefact` builds; nothing else lies there."""
        return self.folder / "prepared"

    @property
    def downloads(self) -> Path:
        """Downloads of artefacts that are not complete yet; kept so that the next start goes on."""
        return self.folder / "downloads"

    @property
    def locks(self) -> Path:
        return self.folder / "locks"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def postgres(self) -> Path:
        """The embedded PostgreSQL: its data, log and socket."""
        return self.folder / "postgres"

    @property
    def odoo_data(self) -> Path:
        """Odoo's data_dir: attachments and sessions."""
        return self.folder / "data"

    @property
    def servers(self) -> Path:
        """One file for each Odoo that is being served."""
        return self.folder / "servers"

    @property
    def odoo_config(self) -> Path:
        """Odoo's configuration; it names the addons of this clone, so each clone has its own."""
        clone = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
        return self.folder / f"odoo-{clone}.conf"

    def create(self) -> "Home":
        """Make the folders.

        :return: itself
        :raise Failure: the folder cannot be written
        """
        places = (self.prepared, self.downloads, self.locks, self.logs, self.postgres, self.odoo_data, self.servers)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._check_ours()
            (self.folder / MARK).touch()
            for place in places:
                place.mkdir(exist_ok=True)
        except OSError as error:
            raise Failure(
                f"cannot write {self.folder} ({error.strerror})",
                "make it writable for you, or set SDM_HOME to a folder that is",
            ) from error
        return self

    def delete(self) -> None:
        """Delete everything in it.

        :raise Failure: it is not a folder that ./sdm made, or cannot be deleted
        """
        self._check_ours()
        try:
            shutil.rmtree(self.folder)
        except OSError as error:
            raise Failure(f"cannot delete {error.filename} ({error.strerror})", "delete it by hand") from error

    def _check_ours(self) -> None:
        """A mistyped SDM_HOME must not fill, and above all not delete, a folder of somebody's own."""
        if any(self.folder.iterdir()) and not (self.folder / MARK).exists():
            raise Failure(f"{self.folder} has other files in it", "set SDM_HOME to an empty or a new folder")


def find_home() -> Home:
    """:return: the home of this clone, or the one that SDM_HOME names; nothing is created"""
    named = os.environ.get("SDM_HOME")
    return Home(Path(named).expanduser().resolve() if named else ROOT / ".sdm")
