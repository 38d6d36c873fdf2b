from dataclasses import dataclass, field

from odoo import models

from ..engine.decision_map import Decision


@dataclass(frozen=True)
class SegmentDecision:
    """What is decided of a step for one segment.

    :param decision: for the engine
    :param text: what it says, in a line
    :param record: where it stands, also a draft; an empty recordset where there is none
    :param defaults: of a new record for the segment, {field: value}; None: it is not made for a segment
    """

    decision: Decision
    text: str
    record: models.BaseModel
    defaults: dict | None = field(default=None)


class SdmRoadmapMixin(models.AbstractModel):
    """A model that answers for a step of the roadmap: the step names it in ``res_model``.

    The model inherits this mixin and answers two methods. For the first one steps ask with all rights, since the
    answer tells how many records there are and never whose: it is shown to everybody who reads the roadmap.
    """

    _name = "sdm.roadmap.mixin"
    _description = "Answers for a roadmap step"

    def _roadmap_status(self, step):
        """What the system shows of a step, in the current company and in a number of queries that does not depend on
        the number of records.

        :param step: the ``sdm.roadmap.step`` that asks
        :return: ``engine.roadmap.Status``; the reason is a translated sentence that goes on after "3 of 5:", or stands
            alone where the total is 0
        """
        raise NotImplementedError

    def _get_roadmap_action(self, step):
        """The records that the status counts, with the rights of the person who asks.

        :param step: the ``sdm.roadmap.step`` that asks
        :return: an action as dict
        """
        raise NotImplementedError

    def _may_open_counted(self):
        """Whether the records that the status counts are for the person who asks."""
        return self.has_access("read")

    def _get_segment_decisions(self, step, segments):
        """What is decided for each segment, for the decision map; in a constant number of queries.

        :param step: the ``sdm.roadmap.step`` that asks
        :param segments: ``sdm.segment``, those that customers show
        :return: dict {segment: SegmentDecision}, each of them is there; None: it is not decided segment by segment
        """
        return None
