from odoo import models


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
