"""What the machine must offer, and what its errors mean."""

import errno
import importlib.util
import re
import shutil
from pathlib import Path

from cli.failure import Failure
from cli.processes import CommandFailed
from cli.progress import MEGABYTE

# What an error of ours, and the words of a program, say when the disk is full
FULL = (errno.ENOSPC, errno.EDQUOT)
NO_DISK = re.compile(r"No space left on device|ENOSPC|Disk quota exceeded", re.I)
NO_NETWORK = re.compile(
    r"Temporary failure|Could not (resolve|connect)|Name or service not known|Network is unreachable"
    r"|Connection (refused|timed out|failed|reset)|Failed to (fetch|establish)|Max retries exceeded"
    r"|Read timed out|Unable to connect",
    re.I,
)


def check_venv_module() -> None:
    """:raise Failure: this Python cannot make a virtual environment with pip in it"""
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise Failure("this Python has no venv module", "install it: sudo apt install python3-venv")


def check_disk(folder: Path, megabytes: int, what: str) -> None:
    """:raise Failure: the disk of the folder has less than so many megabytes free"""
    free = shutil.disk_usage(folder).free // MEGABYTE
    if free < megabytes:
        raise no_disk(folder, f"{what} needs {megabytes} MB, {free} MB are free")


def no_disk(folder: Path, detail: str = "") -> Failure:
    """:return: the failure of a full disk"""
    return Failure(
        f"no space left on the disk of {folder}" + (f": {detail}" if detail else ""),
        "free some and start again, or set SDM_HOME to a folder on another disk",
    )


def failure_of(error: OSError | CommandFailed, what: str, folder: Path) -> Failure:
    """Turn an error of a build into the line a user can act on.

    :param error: what was raised
    :param what: what was being made
    :param folder: where it was being made
    """
    if isinstance(error, OSError):
        if error.errno in FULL:
            return no_disk(folder, f"while making {what}")
        return Failure(f"{what}: {error}", f"see that {folder} can be written and start again")
    if NO_DISK.search(error.output):
        return no_disk(folder, f"while making {what}")
    last = next((line for line in reversed(error.output.splitlines()) if line.strip()), "it printed nothing")
    if NO_NETWORK.search(error.output):
        return Failure(
            f"no network: {what} could not be downloaded",
            "check the connection (proxy, mirror) and start again",
        )
    return Failure(f"{what}: {error}: {last.strip()}", "start again, what is complete is kept")
