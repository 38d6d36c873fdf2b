"""Where the company stood half a year ago and where it stands now: two diagnoses with the director's answers."""

from __future__ import annotations

from demo_company.cast import DIRECTOR, PEOPLE
from demo_company.days import add_months
from demo_company.writing.records import Records

# months before the anchor: answers of each step in the order of its questions, ? for "don't know"
ANSWERS = {
    6: {
        "segmentation": "110",
        "strategy": "100",
        "technology": "2211",
        "plan": "221",
        "control": "211",
        "structure": "222",
        "staffing": "110",
        "requirements": "100",
        "training": "211",
        "motivation": "221",
        "automation": "100",
    },
    # segments are worked with since; what the figures say of them is another matter
    0: {
        "segmentation": "333",
        "strategy": "110",
        "technology": "3222",
        "plan": "322",
        "control": "211",
        "structure": "332",
        "staffing": "1??",
        "requirements": "110",
        "training": "111",
        "motivation": "222",
        "automation": "211",
    },
}
COMMENTS = {"segmentation": "Agreed when the classes came into force; the newcomers do not know it yet."}


def write_diagnoses(records: Records) -> None:
    """Answer and measure, as the director would have at that time."""
    director = records.users[next(person.key for person in PEOPLE.values() if person.job == DIRECTOR)]
    for months, answers in ANSWERS.items():
        date = add_months(records.company.anchor, -months)
        diagnosis = records.env["sdm.diagnosis"].with_user(director).create({"date": date})
        for code, values in answers.items():
            lines = diagnosis.answer_ids.filtered(lambda line, code=code: line.step_id.code == code)
            for line, value in zip(lines, values, strict=True):
                line.value = "unknown" if value == "?" else value
            if not months and code in COMMENTS:
                lines[0].comment = COMMENTS[code]
        diagnosis.action_measure()
        diagnosis.answer_ids.sudo().filtered("value").write({"date": date})
    records.forget()
