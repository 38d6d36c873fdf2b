"""One load from start to end: `python -m loader FOLDER --database NAME`."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from cli.failure import Failure
from cli.progress import Progress, say
from loader import mapping as mappings
from loader.export import Export, Problem, Row
from loader.mapping import ExportMapping, RecordRule
from loader.records import Record, RecordMaker
from loader.rejects import Reject, RejectFile

if TYPE_CHECKING:
    from loader.target import Target

Refuse = Callable[[Record, "str | None", str], None]

SHIPPED = Path(__file__).parent / "mappings"
BATCH = 500  # records in one transaction: what a kill loses, and what one refused row makes Odoo repeat


@dataclass
class Count:
    """What became of the records of one kind."""

    loaded: int = 0
    there: int = 0
    rejected: int = 0


@dataclass
class Load:
    """A load of an export into a database."""

    export: Export
    target: Target
    reject_file: RejectFile
    counts: dict[str, Count] = field(default_factory=dict)

    def execute(self) -> None:
        """Load everything that is not there yet, in the order of the mapping."""
        mapping = self.export.mapping
        self.target.define_properties(mapping)
        self._known = self.target.known_ids(mapping.namespace)
        for number, rule in enumerate(mapping.records, 1):
            with Progress(f"{number}/{len(mapping.records)} {rule.label}") as progress:
                self._load_kind(rule, progress)
        for model in self.target.unfinished():
            with Progress("Odoo's forecasts") as progress:
                progress.step("being worked out from all records")
                self.target.finish(model)

    def summary(self) -> Iterator[str]:
        """The lines that say what came in, file by file."""
        kinds = self.export.mapping.records
        width = max(len(rule.label) for rule in kinds)
        files = [self.export.mapping.files[rule.file].name if rule.file else "" for rule in kinds]
        file_width = max(map(len, files))
        yield f"{'':{file_width}}  {'':{width}} {'loaded':>10} {'already there':>14} {'rejected':>9}"
        previous = ""
        for name, rule in sorted(zip(files, kinds, strict=True), key=lambda pair: files.index(pair[0])):
            count = self.counts[rule.key]
            shown = "" if name == previous else name
            previous = name
            numbers = f"{count.loaded:>10,} {count.there:>14,} {count.rejected:>9,}"
            yield f"{shown:{file_width}}  {rule.label:{width}} {numbers}"

    def _load_kind(self, rule: RecordRule, progress: Progress) -> None:
        count = self.counts[rule.key] = Count()
        namespace = self.export.mapping.namespace

        refused_rows: set[int] = set()

        def refuse_row(row: Row, problem: Problem) -> None:
            name = self.export.mapping.files[rule.file].name
            self.reject_file.add(Reject(name, row.number, problem.column, problem.value, problem.reason))
            refused_rows.add(row.number)

        def refuse(record: Record, field_name: str | None, reason: str) -> None:
            if record.row is None:
                raise Failure(
                    f"{rule.label} {record.id} cannot be loaded: {reason}",
                    "correct the mapping, then load again",
                )
            refuse_row(record.row, maker.problem(record, field_name, reason))

        maker = RecordMaker(rule, namespace, refuse_row)
        total = self.export.row_counts[rule.file] if rule.file else len(rule.rows)
        done = 0

        def rows() -> Iterator[Row]:
            nonlocal done
            for row in self.export.rows(rule.file):
                done += 1
                if done % 1000 == 0:
                    progress.part(f"read {done:,} of {total:,} rows")
                yield row

        waiting = self._new_records(maker, rows() if rule.file else (), count, refuse)
        while batch := list(islice(waiting, BATCH)):
            found, refusals = self.target.load(rule, namespace, batch)
            for refusal in refusals:
                refuse(*refusal)
            refused = {record.id for record, _field, _reason in refusals}
            self._known.update(record.id for record in batch if record.id not in refused)
            count.there += len(found)
            count.loaded += len(batch) - len(found) - len(refused)
            progress.part(f"{done if rule.file else len(batch):,} of {total:,} rows")
        count.rejected = len(refused_rows)

    def _new_records(self, maker: RecordMaker, rows: Iterable[Row], count: Count, refuse: Refuse) -> Iterator[Record]:
        """Records that are not in the database yet and whose references are."""
        loading: set[str] = set()
        for record in maker.records(rows):
            if record.id in self._known:
                count.there += 1
                continue
            needed = ((name, id_) for name, ids in record.references.items() for id_ in ids)
            missing = [(name, id_) for name, id_ in needed if id_ not in self._known and id_ not in loading]
            for name, id_ in missing:
                refuse(record, name, f"{id_} was not loaded")
            if not missing:
                loading.add(record.id)
                yield record


def choose_mapping(folder: Path, given: Path | None) -> ExportMapping:
    """The mapping that was named, else the shipped one whose files are in the folder. Raises Failure."""
    if given:
        return mappings.read(given)
    lacks = []
    for path in sorted(SHIPPED.glob("*.toml")):
        mapping = mappings.read(path)
        missing = [file.name for file in mapping.files.values() if not (folder / file.name).is_file()]
        if not missing:
            return mapping
        lacks.append(f"{path.name} reads {', '.join(missing)}, which is not there")
    raise Failure(
        f"no mapping of ours fits {folder}: {'; '.join(lacks)}",
        "write one as loader/mappings/README.md explains and name it with --mapping",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one load; exit code 0 also where some rows were rejected, 1 for a failure, 130 when interrupted."""
    parser = argparse.ArgumentParser(
        prog="python -m loader", description="Load a CSV export of another CRM into an Odoo database."
    )
    parser.add_argument("folder", type=Path, help="folder with the files of the export")
    parser.add_argument("--database", required=True, help="Odoo database to load into")
    parser.add_argument("--mapping", type=Path, help="mapping file; without it, the shipped one that fits the folder")
    parser.add_argument(
        "--rejected",
        type=Path,
        help="file for rejected rows; without it, rejected-NAME.csv in the current folder",
    )
    parser.add_argument("--check", action="store_true", help="only check the mapping and the files, load nothing")
    options = parser.parse_args(arguments)
    try:
        _run(options)
    except Failure as failure:
        say(f"sdm: {failure}")
        return 1
    except KeyboardInterrupt:
        say("sdm: interrupted; the same command again goes on where this one has ended")
        return 130
    return 0


def _run(options: argparse.Namespace) -> None:
    started = time.monotonic()
    if not options.folder.is_dir():
        raise Failure(f"there is no folder {options.folder}", "name the folder with the files of the export")
    export = Export(options.folder, choose_mapping(options.folder, options.mapping))
    reject_file = RejectFile(options.rejected or Path(f"rejected-{options.database}.csv"))
    if options.check:
        return
    # Imported late: what is wrong with the mapping or the files is told without waiting for Odoo.
    from loader.target import Target

    say(f"Loading {export.mapping.title} from {options.folder} into {options.database}")
    for name, columns in export.unused_columns().items():
        say(f"{name}: the mapping leaves out {', '.join(columns)}")
    target = Target(options.database)
    with target.reserved(str(options.folder)):
        target.open(export.mapping)
        load = Load(export, target, reject_file)
        try:
            load.execute()
        finally:
            reject_file.write()
    for line in load.summary():
        print(line)
    minutes, seconds = divmod(round(time.monotonic() - started), 60)
    print(f"Loaded into {options.database} in {minutes}:{seconds:02} minutes")
    if reject_file.rejects:
        print(f"Rejected rows with their reasons: {reject_file.path.resolve()}")
