from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL


class SdmSchemeVersion(models.Model):
    """Two schemes crossed: nine boxes of ABC and XYZ. Oracle: ``engine.segmentation.matrix``."""

    _inherit = "sdm.scheme.version"

    def _check_matrix(self):
        if self.row_scheme_id and self.row_scheme_id == self.column_scheme_id:
            raise ValidationError(self.env._("Choose two different schemes to cross."))
        boxes = {}
        for line in self._get_lines():
            for segment, scheme in (
                (line.row_segment_id, self.row_scheme_id),
                (line.column_segment_id, self.column_scheme_id),
            ):
                if segment and segment.scheme_id != scheme:
                    raise ValidationError(
                        self.env._(
                            "“%(segment)s” asks for “%(asked)s” of “%(scheme)s”, which is not crossed here. Choose a "
                            "segment of the schemes that are, or delete the row.",
                            segment=line.segment_id.name,
                            asked=segment.name,
                            scheme=segment.scheme_id.name,
                        )
                    )
            box = (line.row_segment_id, line.column_segment_id)
            if all(box) and box in boxes:
                raise ValidationError(
                    self.env._(
                        "“%(first)s” and “%(second)s” are the same box. Delete one of the rows.",
                        first=boxes[box].segment_id.name,
                        second=line.segment_id.name,
                    )
                )
            boxes[box] = line

    def _check_missing_matrix(self):
        if not self.row_scheme_id or not self.column_scheme_id:
            raise UserError(self.env._("Choose two different schemes to cross."))
        for scheme in self.row_scheme_id | self.column_scheme_id:
            if not scheme.version_id:
                raise UserError(
                    self.env._("“%(scheme)s” has no classes in force yet. Put it in force first.", scheme=scheme.name)
                )
        for line in self.line_ids:
            if not line.row_segment_id or not line.column_segment_id:
                raise UserError(
                    self.env._(
                        "“%(segment)s” needs a segment of both schemes. Choose them, or press “Fill the boxes”.",
                        segment=line.segment_id.name,
                    )
                )

    def action_fill_boxes(self):
        """Make a class for each pair of segments of the two schemes that has none."""
        self.ensure_one()
        known = {(line.row_segment_id, line.column_segment_id) for line in self.line_ids}
        rows = self.row_scheme_id._get_segments_in_force()
        columns = self.column_scheme_id._get_segments_in_force()
        for place, (row, column) in enumerate((row, column) for row in rows for column in columns):
            if (row, column) not in known:
                name = (
                    f"{row.name}{column.name}"
                    if len(row.name) + len(column.name) <= 4
                    else f"{row.name} / {column.name}"
                )
                self._add_line(
                    name, sequence=10 * place, row_segment_id=row.id, column_segment_id=column.id, color=row.color
                )

    def _classify_matrix(self, date):
        places = SQL(", ").join(
            SQL("(%s, %s, %s)", line.row_segment_id.id, line.column_segment_id.id, position)
            for position, line in enumerate(self._get_lines(), start=1)
        )
        return SQL(
            """SELECT scope.unit, box.position, first.amount,
                      jsonb_build_object('row', box.row_id, 'column', box.column_id) AS details
                 FROM scope
                 JOIN sdm_segment_membership first
                   ON first.partner_id = scope.id AND first.scheme_id = %(row)s AND first.date_to IS NULL
                 JOIN sdm_segment_membership second
                   ON second.partner_id = scope.id AND second.scheme_id = %(column)s AND second.date_to IS NULL
                 JOIN (VALUES %(places)s) box (row_id, column_id, position)
                   ON box.row_id = first.segment_id AND box.column_id = second.segment_id""",
            row=self.row_scheme_id.id,
            column=self.column_scheme_id.id,
            places=places,
        )
