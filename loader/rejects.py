"""Rows that could not be loaded, as a file that a person works through."""

from __future__ import annotations

import csv
import os
from dataclasses import astuple, dataclass
from pathlib import Path

from cli.failure import Failure

HEADER = ("file", "row", "column", "value", "reason")


@dataclass(frozen=True)
class Reject:
    """One reason why one row was not loaded; `row` as a spreadsheet shows it (the header is row 1)."""

    file: str
    row: int
    column: str
    value: str
    reason: str


class RejectFile:
    """The file of rejected rows. It stands there exactly when the last load rejected something."""

    def __init__(self, path: Path) -> None:
        """Raises Failure, before anything is loaded, where the file could not be written."""
        self.path = path
        self.rejects: dict[Reject, None] = {}
        if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
            raise Failure(f"the file of rejected rows {path} cannot be written", "name another one with --rejected")
        if path.exists() and not self._is_ours():
            raise Failure(
                f"{path} is no file of rejected rows and would be overwritten",
                "name another one with --rejected",
            )

    def add(self, reject: Reject) -> None:
        """Note a reject; a row that several kinds of record reject for one reason is written once."""
        self.rejects.setdefault(reject)

    def write(self) -> None:
        """Write the file, aside first and then renamed; without rejects an older file is taken away."""
        if not self.rejects:
            self.path.unlink(missing_ok=True)
            return
        aside = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            with aside.open(
                "w", encoding="utf-8-sig", newline=""
            ) as stream:  # with the mark that spreadsheets look for
                writer = csv.writer(stream)
                writer.writerow(HEADER)
                writer.writerows([_harmless(str(cell)) for cell in astuple(reject)] for reject in self.rejects)
            aside.replace(self.path)
        except OSError as error:
            aside.unlink(missing_ok=True)
            raise Failure(
                f"{self.path} could not be written ({error.strerror})",
                "name another one with --rejected and load again",
            ) from error

    def _is_ours(self) -> bool:
        with self.path.open(encoding="utf-8-sig", errors="replace") as stream:
            return stream.readline().strip() in ("", ",".join(HEADER))


def _harmless(text: str) -> str:
    """A text from the export that a spreadsheet takes for a formula, made plain text by an apostrophe."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
