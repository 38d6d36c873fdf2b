"""The file of rejected rows."""

import pytest

from cli.failure import Failure
from loader.rejects import Reject, RejectFile


def test_writes_each_reason_once_and_goes_when_nothing_is_rejected(tmp_path):
    path = tmp_path / "rejected.csv"
    reject_file = RejectFile(path)
    for _ in range(2):
        reject_file.add(Reject("deals.csv", 7, "value", "1;2", "is no number"))
    reject_file.add(Reject("deals.csv", 8, "agent", "=HYPERLINK(1)", "is empty"))
    reject_file.write()
    assert path.read_text("utf-8-sig").splitlines() == [
        "file,row,column,value,reason",
        "deals.csv,7,value,1;2,is no number",
        "deals.csv,8,agent,'=HYPERLINK(1),is empty",
    ]
    assert list(tmp_path.iterdir()) == [path]
    RejectFile(path).write()
    assert not path.exists()


def test_does_not_overwrite_a_file_of_someone_else(tmp_path):
    path = tmp_path / "deals.csv"
    path.write_text("id,value\n")
    with pytest.raises(Failure, match="is no file of rejected rows and would be overwritten"):
        RejectFile(path)


def test_says_beforehand_that_it_cannot_be_written(tmp_path):
    with pytest.raises(Failure, match="cannot be written"):
        RejectFile(tmp_path / "no such folder" / "rejected.csv")
    with pytest.raises(Failure, match="cannot be written"):
        RejectFile(tmp_path)
