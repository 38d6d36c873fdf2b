"""Everything a user can read is translated: each addon's `i18n/ru.po` against a fresh export of its terms by Odoo."""

import io
from pathlib import Path

import polib
import pytest

from odoo.modules import Manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import trans_export

LANGUAGE = "ru"


def faults(exported: polib.POFile, translated: polib.POFile) -> list[str]:
    """:return: what is wrong with a translation: terms it lacks, leaves empty or fuzzy, or that nobody uses"""
    terms = {entry.msgid for entry in exported}
    known = {entry.msgid: entry for entry in translated if not entry.obsolete}
    return [
        *(f"missing: {term!r}" for term in sorted(terms - known.keys())),
        *(f"not translated: {term!r}" for term, entry in sorted(known.items()) if not entry.translated()),
        *(f"no longer used: {term!r}" for term in sorted(known.keys() - terms)),
        *(f"obsolete: {entry.msgid!r}" for entry in translated.obsolete_entries()),
    ]


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    """A class of Odoo, for the database and the rollback that come with it."""

    @pytest.fixture(autouse=True)
    def _addons(self, own_manifests: list[Manifest]) -> None:
        self.addons = [Path(manifest.path) for manifest in own_manifests]

    def test_every_term_is_translated(self) -> None:
        for addon in self.addons:
            with self.subTest(addon=addon.name):
                buffer = io.BytesIO()
                trans_export(None, [addon.name], buffer, "po", self.env)
                translation = (addon / "i18n" / f"{LANGUAGE}.po").read_text(encoding="utf-8")
                found = faults(polib.pofile(buffer.getvalue().decode()), polib.pofile(translation))
                self.assertFalse(found, "\n".join(found))


def _po(entries: str) -> polib.POFile:
    return polib.pofile(f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n{entries}')


@pytest.mark.parametrize(
    ("translated", "fault"),
    [
        ("", "missing: 'Deal'"),
        ('msgid "Deal"\nmsgstr ""\n', "not translated: 'Deal'"),
        ('#, fuzzy\nmsgid "Deal"\nmsgstr "Сделка"\n', "not translated: 'Deal'"),
        ('msgid "Deal"\nmsgstr "Сделка"\n\nmsgid "Lead"\nmsgstr "Лид"\n', "no longer used: 'Lead'"),
        ('msgid "Deal"\nmsgstr "Сделка"\n\n#~ msgid "Lead"\n#~ msgstr "Лид"\n', "obsolete: 'Lead'"),
    ],
)
def test_each_fault_would_be_found(translated: str, fault: str) -> None:
    assert faults(_po('msgid "Deal"\nmsgstr ""\n'), _po(translated)) == [fault]


def test_a_complete_translation_has_no_faults() -> None:
    assert faults(_po('msgid "Deal"\nmsgstr ""\n'), _po('msgid "Deal"\nmsgstr "Сделка"\n')) == []
