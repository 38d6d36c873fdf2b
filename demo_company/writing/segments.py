"""How the company tells its customers apart: schemes in force for half a year, with the runs of that time."""

from __future__ import annotations

from demo_company.cast import DIRECTOR, PEOPLE
from demo_company.days import add_months
from demo_company.writing.records import Records

# template, name of the scheme, whether its class is the customer's segment, why it is in force
SCHEMES = (
    ("abc", "ABC by revenue", True, "A few customers feed us. They get the time that is left after the loudest ones."),
    ("xyz", "XYZ of customers", False, "Who buys evenly can be planned and stocked for; the others need another talk."),
    ("life_cycle", "Life cycle", False, "We notice a lost customer when the year is over. We want to see it coming."),
    ("rfm", "RFM", False, "Campaigns went to everybody. They should say what fits the customer."),
)
CROSSED = ("ABC and XYZ", "Each box has its own policy: what we stock, how often we call, who decides on prices.")
# months before the anchor at which the schemes were computed; the first one is when they came into force
RUNS = (6, 4, 2, 0)


def write_segments(records: Records) -> None:
    """Put the schemes in force six months ago and compute them as the nights since would have."""
    env = records.env
    director = records.users[next(person.key for person in PEOPLE.values() if person.job == DIRECTOR)]
    begun = add_months(records.company.anchor, -RUNS[0])
    schemes = [_make(env, *scheme, director, begun) for scheme in SCHEMES]
    name, reason = CROSSED
    crossed = env.ref("sdm_segmentation.sdm_scheme_template_matrix")._make_scheme(name)
    version = crossed.version_ids
    version.write({"row_scheme_id": schemes[0].id, "column_scheme_id": schemes[1].id})
    version.action_fill_boxes()
    put_in_force(version, reason, director, begun)
    for months in RUNS:
        for scheme in (*schemes, crossed):
            date = add_months(records.company.anchor, -months)
            kind = "apply" if months == RUNS[0] else "nightly"
            env["sdm.segmentation.run"]._start(scheme.version_id, kind, date)._run()
    records.forget()


def _make(env, template, name, is_primary, reason, director, begun):
    scheme = env.ref(f"sdm_segmentation.sdm_scheme_template_{template}")._make_scheme(name)
    scheme.is_primary = is_primary
    put_in_force(scheme.version_ids, reason, director, begun)
    return scheme


def put_in_force(version, reason, director, begun):
    """Put a version of a decision in force as the director did at that time; the button does it from today on only.

    :param version: record with the fields of a decision's version; :param reason: in plain words
    :param director: id of the user; :param begun: its first day
    """
    version.write({"state": "in_force", "date_from": begun, "reason": reason, "approved_by_id": director})
