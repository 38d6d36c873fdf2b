"""What is being done, how far and since when: one changing line on a terminal, a few lines elsewhere."""

import sys
import time

MEGABYTE = 1_000_000
SECONDS_BETWEEN_LINES = 10


def say(text: str) -> None:
    """Print one line for the user; progress goes to standard error, standard output is for results."""
    print(text, file=sys.stderr, flush=True)


class Progress:
    """One task's line. Use as a context manager: the last line says that it is done and how long it took.

    :param title: what is being made, as the user calls it
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self._started = time.monotonic()
        self._shown_at = 0.0
        self._shown = ""
        self._terminal = sys.stderr.isatty()

    def step(self, text: str) -> None:
        """Show what is being done now.

        :param text: such as "unpacking" or "12 of 80 packages"
        """
        self._show(text, at_once=True)

    def part(self, text: str) -> None:
        """Show one of many short parts, such as "package 12 of 80"; in a log only some."""
        self._show(text, at_once=False)

    def amount(self, text: str, done: int, total: int) -> None:
        """Show how far a long part is.

        :param text: what is counted: "downloading"
        :param done: bytes so far
        :param total: bytes in all, 0 when not known
        """
        size = f"{done / MEGABYTE:.0f} MB"
        if total:
            size = f"{done / MEGABYTE:.0f} of {total / MEGABYTE:.0f} MB ({min(100 * done // total, 100)} %)"
        self._show(f"{text} {size}", at_once=False)

    def tick(self) -> None:
        """Show that time passes though nothing else is known."""
        self._show(self._shown, at_once=False)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, kind: object, *_exception: object) -> None:
        if self._terminal and self._shown_at:
            print("\r\033[K", end="", file=sys.stderr)
        if kind is None:
            say(f"{self.title}: ready ({self._seconds()} s)")

    def _seconds(self) -> int:
        return round(time.monotonic() - self._started)

    def _show(self, text: str, *, at_once: bool) -> None:
        now = time.monotonic()
        if self._terminal:
            if at_once or now - self._shown_at > 0.2:
                print(f"\r\033[K{self.title}: {text}  {self._seconds()} s", end="", file=sys.stderr, flush=True)
                self._shown_at = now
        elif (at_once and text != self._shown) or now - self._shown_at > SECONDS_BETWEEN_LINES:
            say(f"{self.title}: {text}  {self._seconds()} s")
            self._shown_at = now
        self._shown = text
