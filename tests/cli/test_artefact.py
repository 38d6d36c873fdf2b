"""The primitive behind everything prepared: whole or not there, built once, whatever happens meanwhile."""

import errno
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from cli.artefact import Folder, key_of
from cli.failure import Failure
from cli.processes import run

# A build in a process of its own: writes half, says so, goes on when told, notes that it has built
BUILDER = """
import sys, time
from pathlib import Path
from cli.artefact import Folder
from cli.home import Home
from cli.main import run_command

folder, seconds = Path(sys.argv[1]), float(sys.argv[2])

def build(build):
    (build.downloads / "package").write_text("downloaded")
    (build.target / "first").write_text("half")
    print("half made")
    time.sleep(seconds)
    (build.target / "second").write_text("whole")
    with (folder / "built").open("a") as note:
        note.write("built\\n")

def prepare(options):
    thing = Folder(Home(folder), "thing", "key", title="A thing", megabytes=1, builder=build, verify=lambda path: None)
    print(sorted(path.name for path in thing.ready().iterdir()))

sys.exit(run_command(prepare, None))
"""

OUTLIVED = """
import subprocess, sys
from pathlib import Path
from cli.artefact import Artefact, Folder
from cli.home import Home

home = Home(Path(sys.argv[1]))
Folder(home, "thing", "key", title="A thing", megabytes=1, builder=lambda build: None, verify=lambda path: None).ready()
silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
print(subprocess.Popen(sleeper, pass_fds=Artefact.locks_in_use(), **silent).pid)
"""
FULL_DISK = """
import sys
from pathlib import Path
from cli.artefact import Folder
from cli.failure import Failure
from cli.home import Home

home = Home(Path(sys.argv[1])).create()

def build(build):
    (build.target / "big").write_bytes(bytes(10**7))

try:
    Folder(home, "thing", "key", title="A thing", megabytes=1, builder=build, verify=lambda path: None).ready()
except Failure as failure:
    print(failure)
print("left:", list(home.prepared.iterdir()))
"""


def folder(home, key="key", builder=None, verify=lambda path: None, megabytes=1):
    """A thing whose builder by default writes the file "content" with its key."""
    return Folder(
        home,
        "thing",
        key,
        title="A thing",
        megabytes=megabytes,
        builder=builder or (lambda build: (build.target / "content").write_text(key)),
        verify=verify,
    )


def left_in(home):
    """What lies in the home that is not meant to."""
    return [path.name for path in home.prepared.iterdir()]


def wait_for(line, process):
    for printed in process.stdout:
        if line in printed:
            return
    raise AssertionError(f"the program ended without printing {line!r}")


def test_is_built_once(home):
    built = []

    def build(build):
        built.append(build.final)
        (build.target / "content").write_text("whole")

    paths = [folder(home, builder=build).ready() for _time in range(3)]
    assert built == paths[:1]
    assert (paths[0] / "content").read_text() == "whole"
    assert left_in(home) == ["thing-key"]


def test_a_changed_key_builds_anew_and_the_old_one_goes(home, start):
    process = start(BUILDER, home.folder, 0)
    assert process.wait() == 0
    assert (folder(home, "other").ready() / "content").read_text() == "other"
    assert left_in(home) == ["thing-other"]


def test_the_old_one_stays_while_a_process_uses_it(home):
    assert folder(home, "old").ready().is_dir()  # this process is its user from now on
    folder(home, "new").ready()
    assert sorted(left_in(home)) == ["thing-new", "thing-old"]


def test_a_program_that_inherits_the_locks_is_a_user(home, start, ends):
    """As the PostgreSQL that runs on while every ./sdm has ended."""
    process = start(OUTLIVED, home.folder)
    outliving = int(process.communicate()[0].split()[-1])
    folder(home, "new").ready()
    assert sorted(left_in(home)) == ["thing-key", "thing-new"]
    os.kill(outliving, signal.SIGKILL)
    assert ends(outliving)
    folder(home, "new").prepare()
    assert left_in(home) == ["thing-new"]


def test_only_its_own_kind_is_removed(home):
    other = home.prepared / "thingamajig-1"
    other.mkdir()
    data = home.folder / "thing-of-the-user"
    data.mkdir()
    folder(home).ready()
    assert other.is_dir()
    assert data.is_dir()


def test_a_failed_build_leaves_nothing_and_the_next_goes_on_with_its_downloads(home):
    def fail(build):
        (build.downloads / "package").write_text("downloaded")
        (build.target / "content").write_text("half")
        raise Failure("the package is of another series", "use this one")

    with pytest.raises(Failure):
        folder(home, builder=fail).ready()
    assert left_in(home) == []

    def go_on(build):
        (build.target / "content").write_text((build.downloads / "package").read_text())

    assert (folder(home, builder=go_on).ready() / "content").read_text() == "downloaded"
    assert list(home.downloads.iterdir()) == []


def test_what_does_not_verify_is_not_kept(home):
    def refuse(path: Path):
        raise Failure(f"{(path / 'content').read_text()} does not work", "use another")

    with pytest.raises(Failure, match="key does not work"):
        folder(home, verify=refuse).ready()
    assert left_in(home) == []


def test_a_killed_build_leaves_nothing_that_counts(home, start):
    killed = start(BUILDER, home.folder, 60)
    wait_for("half made", killed)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert not (home.prepared / "thing-key").exists()
    again = start(BUILDER, home.folder, 0)
    output, _nothing = again.communicate()
    assert again.returncode == 0, output
    assert "['first', 'second']" in output
    assert left_in(home) == ["thing-key"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_build_cleans_up(home, start, number):
    process = start(BUILDER, home.folder, 60)
    wait_for("half made", process)
    process.send_signal(number)
    output, _nothing = process.communicate()
    assert process.returncode == 130, output
    assert output.splitlines()[-1] == "sdm: interrupted"
    assert "Traceback" not in output
    assert left_in(home) == []


def test_two_at_once_build_once(home, start):
    first = start(BUILDER, home.folder, 1)
    wait_for("half made", first)
    second = start(BUILDER, home.folder, 1)
    wait_for("A thing: another ./sdm is preparing it, waiting", second)
    for process in (first, second):
        output, _nothing = process.communicate()
        assert process.returncode == 0
        assert "['first', 'second']" in output
    assert (home.folder / "built").read_text() == "built\n"


def test_one_who_waits_for_a_killed_build_builds_itself(home, start):
    first = start(BUILDER, home.folder, 60)
    wait_for("half made", first)
    second = start(BUILDER, home.folder, 0)
    wait_for("waiting", second)
    first.kill()
    output, _nothing = second.communicate()
    assert "['first', 'second']" in output


def test_too_little_disk_is_said_before_anything_is_done(home):
    with pytest.raises(Failure) as failure:
        folder(home, megabytes=10**9).ready()
    assert "no space left" in str(failure.value)
    assert "needs 1000000000 MB" in str(failure.value)
    assert "SDM_HOME" in failure.value.remedy
    assert left_in(home) == []


@pytest.mark.parametrize(
    "complain",
    [
        lambda build: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left on device")),
        lambda build: run([sys.executable, "-c", "raise SystemExit('dpkg: cannot write: No space left on device')"]),
    ],
    ids=["ours", "of a program"],
)
def test_a_disk_that_gets_full_is_named(home, complain):
    with pytest.raises(Failure, match="no space left on the disk of .*home.* while making A thing") as failure:
        folder(home, builder=complain).ready()
    assert "\n" not in str(failure.value)
    assert left_in(home) == []


def test_a_truly_full_disk(start, tmp_path):
    """On a disk of two megabytes, made in a namespace of the test's own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    namespace = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
    mount = f'mount -t tmpfs -o size=2m none {disk} && exec "$@"'
    probe = start("print('mounted')", prefix=(*namespace, mount, "sh"))
    if probe.communicate()[0] != "mounted\n":
        pytest.skip("this machine lets nobody but root mount a disk")
    process = start(FULL_DISK, disk, prefix=(*namespace, mount, "sh"))
    output, _nothing = process.communicate()
    assert f"no space left on the disk of {disk}" in output
    assert "left: []" in output


def test_key_tells_parts_apart():
    assert key_of("ab", "c") != key_of("a", "bc")
    assert key_of("ab", "c") == key_of("ab", "c")


def test_progress_is_shown(home, capsys):
    def build(build):
        build.progress.step("unpacking")
        build.progress.amount("downloading", 45_000_000, 123_000_000)
        time.sleep(0.01)

    folder(home, builder=build).ready()
    printed = capsys.readouterr().err.splitlines()
    assert printed[0] == "A thing: unpacking  0 s"
    assert printed[-1] == "A thing: ready (0 s)"
