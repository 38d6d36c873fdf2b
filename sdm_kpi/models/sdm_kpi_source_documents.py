from odoo import fields, models
from odoo.tools import SQL


class SdmKpiSource(models.AbstractModel):
    """Orders, offers, invoices and the money that came for them."""

    _inherit = "sdm.kpi.source"

    def _query_lines_of_orders(self, scope, first, end, date, condition):
        """Lines of orders; what the total of an order differs by from its lines goes to the first one."""
        rate = SQL("COALESCE(NULLIF(sale_order.currency_rate, 0), 1)")
        share = SQL("line.price_subtotal * line.discount::numeric")
        first_line = SQL("ROW_NUMBER() OVER of_order = 1")

        def exact(total, part):
            return SQL(
                """(COALESCE(line.%s, 0) + CASE WHEN %s
                       THEN COALESCE(sale_order.%s, 0) - COALESCE(SUM(line.%s) OVER (PARTITION BY sale_order.id), 0)
                       ELSE 0 END)::numeric / %s""",
                SQL.identifier(part),
                first_line,
                SQL.identifier(total),
                SQL.identifier(part),
                rate,
            )

        return SQL(
            """SELECT %s
                 FROM sale_order
                 JOIN res_partner partner ON partner.id = sale_order.partner_id
                 LEFT JOIN sale_order_line line ON line.order_id = sale_order.id AND line.display_type IS NULL
                 LEFT JOIN product_product product ON product.id = line.product_id
                 LEFT JOIN product_template template ON template.id = product.product_tmpl_id
                WHERE sale_order.company_id IN %s AND %s AND %s >= %s AND %s < %s
               WINDOW of_order AS (PARTITION BY sale_order.id ORDER BY line.id)""",
            self._select_columns(
                doc_id=SQL("sale_order.id"),
                line_id=SQL("COALESCE(line.id::int8 * 2, sale_order.id::int8 * 2 + 1)"),
                date=date,
                company_id=SQL("sale_order.company_id"),
                user_id=SQL("sale_order.user_id"),
                team_id=SQL("sale_order.team_id"),
                partner_id=SQL("partner.commercial_partner_id"),
                product_id=SQL("line.product_id"),
                category_id=SQL("template.categ_id"),
                order_id=SQL("sale_order.id"),
                documents=SQL("CASE WHEN %s THEN 1 ELSE 0 END", first_line),
                amount=exact("amount_untaxed", "price_subtotal"),
                margin=exact("margin", "margin"),
                discount=SQL(
                    """CASE WHEN line.discount >= 100 THEN line.price_unit::numeric * line.product_uom_qty
                            WHEN line.discount > 0 THEN %s / (100 - line.discount::numeric) ELSE 0 END / %s""",
                    share,
                    rate,
                ),
                quantity=SQL("line.product_uom_qty"),
                lines=SQL("CASE WHEN line.id IS NULL THEN 0 ELSE 1 END"),
            ),
            tuple(scope.companies.ids),
            condition,
            date,
            first,
            date,
            end,
            to_flush=[
                *self._get_fields("res.partner", "commercial_partner_id"),
                *self._get_fields(
                    "sale.order",
                    *("partner_id", "user_id", "team_id", "company_id", "state", "date_order", "create_date"),
                    *("amount_untaxed", "margin", "currency_rate"),
                ),
                *self._get_fields(
                    "sale.order.line",
                    *("order_id", "display_type", "product_id", "price_subtotal", "margin", "discount", "price_unit"),
                    "product_uom_qty",
                ),
                *self._get_fields("product.product", "product_tmpl_id"),
                *self._get_fields("product.template", "categ_id"),
                *self._get_columns_to_flush(),
            ],
        )

    def _query_order_lines(self, scope, first, end):
        date = self._local_date(SQL("sale_order.date_order"), scope.zone)
        return self._query_lines_of_orders(scope, first, end, date, SQL("sale_order.state = 'sale'"))

    def _query_order_documents(self, scope, first, end):
        """Confirmed orders by their totals."""
        date = self._local_date(SQL("sale_order.date_order"), scope.zone)
        return SQL(
            """SELECT %s
                 FROM sale_order JOIN res_partner partner ON partner.id = sale_order.partner_id
                WHERE sale_order.company_id IN %s AND sale_order.state = 'sale' AND %s >= %s AND %s < %s""",
            self._select_columns(
                doc_id=SQL("sale_order.id"),
                line_id=SQL("sale_order.id"),
                date=date,
                company_id=SQL("sale_order.company_id"),
                user_id=SQL("sale_order.user_id"),
                team_id=SQL("sale_order.team_id"),
                partner_id=SQL("partner.commercial_partner_id"),
                order_id=SQL("sale_order.id"),
                documents=SQL("1"),
                amount=SQL("sale_order.amount_untaxed / COALESCE(NULLIF(sale_order.currency_rate, 0), 1)"),
            ),
            tuple(scope.companies.ids),
            date,
            first,
            date,
            end,
            to_flush=[
                *self._get_fields("res.partner", "commercial_partner_id"),
                *self._get_fields(
                    "sale.order",
                    *("partner_id", "user_id", "team_id", "company_id", "state", "date_order", "amount_untaxed"),
                    "currency_rate",
                ),
                *self._get_columns_to_flush(),
            ],
        )

    def _query_offer_lines(self, scope, first, end):
        """Quotations that left the draft, confirmed and cancelled ones too, by the day on which they were made."""
        date = self._local_date(SQL("LEAST(sale_order.create_date, sale_order.date_order)"), scope.zone)
        return self._query_lines_of_orders(scope, first, end, date, SQL("sale_order.state <> 'draft'"))

    def _query_invoice_lines(self, scope, first, end):
        """Lines of posted invoices and refunds; what the total differs by from its lines goes to the first one."""
        return SQL(
            """SELECT %s
                 FROM account_move move
                 LEFT JOIN account_move_line line ON line.move_id = move.id AND line.display_type IN (
                      'product', 'rounding', 'non_deductible_product', 'non_deductible_product_total')
                 LEFT JOIN product_product product ON product.id = line.product_id
                 LEFT JOIN product_template template ON template.id = product.product_tmpl_id
                WHERE move.move_type IN ('out_invoice', 'out_refund') AND move.state = 'posted'
                  AND move.company_id IN %s AND move.invoice_date >= %s AND move.invoice_date < %s
               WINDOW of_move AS (PARTITION BY move.id ORDER BY line.id)""",
            self._select_columns(
                doc_id=SQL("move.id"),
                line_id=SQL("COALESCE(line.id::int8 * 2, move.id::int8 * 2 + 1)"),
                date=SQL("move.invoice_date"),
                company_id=SQL("move.company_id"),
                user_id=SQL("move.invoice_user_id"),
                team_id=SQL("move.team_id"),
                partner_id=SQL("move.commercial_partner_id"),
                product_id=SQL("line.product_id"),
                category_id=SQL("template.categ_id"),
                move_id=SQL("move.id"),
                documents=SQL("CASE WHEN ROW_NUMBER() OVER of_move = 1 THEN 1 ELSE 0 END"),
                amount=SQL(
                    """CASE WHEN ROW_NUMBER() OVER of_move = 1
                            THEN move.amount_untaxed_signed + COALESCE(SUM(line.balance) OVER (PARTITION BY move.id), 0)
                            ELSE 0 END - COALESCE(line.balance, 0)"""
                ),
                quantity=SQL("CASE WHEN move.move_type = 'out_refund' THEN -line.quantity ELSE line.quantity END"),
                lines=SQL("CASE WHEN line.id IS NULL THEN 0 ELSE 1 END"),
            ),
            tuple(scope.companies.ids),
            first,
            end,
            to_flush=[
                *self._get_fields(
                    "account.move",
                    *("commercial_partner_id", "invoice_user_id", "team_id", "company_id", "state", "move_type"),
                    *("invoice_date", "amount_untaxed_signed"),
                ),
                *self._get_fields("account.move.line", "move_id", "display_type", "product_id", "balance", "quantity"),
                *self._get_fields("product.product", "product_tmpl_id"),
                *self._get_fields("product.template", "categ_id"),
                *self._get_columns_to_flush(),
            ],
        )

    def _query_invoice_documents(self, scope, first, end):
        """Posted invoices and refunds by their totals."""
        return SQL(
            """SELECT %s FROM account_move move
                WHERE move.move_type IN ('out_invoice', 'out_refund') AND move.state = 'posted'
                  AND move.company_id IN %s AND move.invoice_date >= %s AND move.invoice_date < %s""",
            self._select_columns(
                doc_id=SQL("move.id"),
                line_id=SQL("move.id"),
                date=SQL("move.invoice_date"),
                company_id=SQL("move.company_id"),
                user_id=SQL("move.invoice_user_id"),
                team_id=SQL("move.team_id"),
                partner_id=SQL("move.commercial_partner_id"),
                move_id=SQL("move.id"),
                documents=SQL("1"),
                amount=SQL("move.amount_untaxed_signed"),
            ),
            tuple(scope.companies.ids),
            first,
            end,
            to_flush=[
                *self._get_fields(
                    "account.move",
                    *("commercial_partner_id", "invoice_user_id", "team_id", "company_id", "state", "move_type"),
                    *("invoice_date", "amount_untaxed_signed"),
                ),
                *self._get_columns_to_flush(),
            ],
        )

    def _query_payment_lines(self, scope, first, end):
        """Money that came for invoices, less what was paid back, without tax, on the day it was matched with them."""
        return SQL(
            """SELECT %s
                 FROM account_partial_reconcile partial
                 JOIN account_move_line debit ON debit.id = partial.debit_move_id
                 JOIN account_move_line credit ON credit.id = partial.credit_move_id
                 JOIN account_move debit_move ON debit_move.id = debit.move_id
                 JOIN account_move credit_move ON credit_move.id = credit.move_id
                 JOIN account_move move ON move.id = CASE
                      WHEN debit_move.move_type = 'out_invoice' THEN debit_move.id ELSE credit_move.id END
                WHERE move.state = 'posted' AND move.company_id IN %s
                  AND (debit_move.move_type = 'out_invoice' AND credit_move.move_type = 'entry'
                       OR credit_move.move_type = 'out_refund' AND debit_move.move_type = 'entry')""",
            self._select_columns(
                doc_id=SQL("partial.id"),
                line_id=SQL("partial.id"),
                date=SQL("partial.max_date"),
                company_id=SQL("move.company_id"),
                user_id=SQL("move.invoice_user_id"),
                team_id=SQL("move.team_id"),
                partner_id=SQL("move.commercial_partner_id"),
                move_id=SQL("move.id"),
                documents=SQL("1"),
                amount=SQL(
                    """partial.amount * move.amount_untaxed_signed / NULLIF(ABS(move.amount_total_signed), 0)"""
                ),
            ),
            tuple(scope.companies.ids),
            to_flush=[
                *self._get_fields("account.partial.reconcile", "debit_move_id", "credit_move_id", "max_date", "amount"),
                *self._get_fields("account.move.line", "move_id"),
                *self._get_fields(
                    "account.move",
                    *("commercial_partner_id", "invoice_user_id", "team_id", "company_id", "state", "move_type"),
                    *("amount_untaxed_signed", "amount_total_signed"),
                ),
                *self._get_columns_to_flush(),
            ],
        )

    def _query_receivable_lines(self, scope, first, end):
        """What customers owed at the end of each month, with tax, line by line of the receivable accounts.

        A line is owed from its own date until it is matched; what was matched later was still owed. Money and refunds
        that were not matched yet are below zero, so all together is the balance of the accounts. A debt is its
        customer's, whoever sold.
        """
        owed = SQL(
            """line.balance
               - COALESCE((SELECT SUM(amount) FROM account_partial_reconcile matched
                            WHERE matched.debit_move_id = line.id AND matched.max_date <= month.day), 0)
               + COALESCE((SELECT SUM(amount) FROM account_partial_reconcile matched
                            WHERE matched.credit_move_id = line.id AND matched.max_date <= month.day), 0)"""
        )
        number = self._number_by_month(SQL("owed.id"), SQL("owed.day"))
        return SQL(
            """SELECT %s
                 FROM (
                     SELECT line.id, month.day, line.company_id, line.move_id, line.partner_id, line.date_maturity,
                            %s AS amount
                       FROM account_move_line line
                       JOIN account_account account
                         ON account.id = line.account_id AND account.account_type = 'asset_receivable'
                       LEFT JOIN account_full_reconcile closed ON closed.id = line.full_reconcile_id
                       LEFT JOIN LATERAL (
                            SELECT MAX(max_date) AS day FROM account_partial_reconcile matched
                             WHERE matched.debit_move_id = line.id OR matched.credit_move_id = line.id
                       ) latest ON closed.id IS NOT NULL
                       JOIN %s month ON line.date <= month.day AND (latest.day IS NULL OR latest.day > month.day)
                      WHERE line.parent_state = 'posted' AND line.company_id IN %s
                 ) owed
                 JOIN account_move move ON move.id = owed.move_id
                 LEFT JOIN res_partner partner ON partner.id = owed.partner_id
                WHERE owed.amount <> 0""",
            self._select_columns(
                doc_id=number,
                line_id=number,
                date=SQL("owed.day"),
                company_id=SQL("owed.company_id"),
                team_id=SQL("move.team_id"),
                partner_id=SQL("partner.commercial_partner_id"),
                move_id=SQL("owed.move_id"),
                documents=SQL("1"),
                amount=SQL("owed.amount"),
                age=SQL("CASE WHEN owed.amount > 0 THEN GREATEST(owed.day - owed.date_maturity, 0) ELSE 0 END"),
                is_late=SQL("owed.amount > 0 AND owed.day > owed.date_maturity"),
            ),
            owed,
            self._query_month_ends(first, end),
            tuple(scope.companies.ids),
            to_flush=[
                *self._get_fields("account.partial.reconcile", "debit_move_id", "credit_move_id", "max_date", "amount"),
                *self._get_fields("account.account", "account_type"),
                *self._get_fields(
                    "account.move.line",
                    *("account_id", "balance", "date", "date_maturity", "company_id", "move_id", "partner_id"),
                    *("parent_state", "full_reconcile_id"),
                ),
                *self._get_fields("account.move", "team_id"),
                *self._get_fields("res.partner", "commercial_partner_id"),
                *self._get_columns_to_flush(),
            ],
        )

    def _query_promised_lines(self, scope, first, end):
        """Confirmed orders by the day on which they were promised, up to today.

        One is late if goods of it have not been delivered in full to this day; Odoo keeps no day of delivery itself.
        """
        day = self._local_date(SQL("sale_order.commitment_date"), scope.zone)
        return SQL(
            """SELECT %s
                 FROM sale_order JOIN res_partner partner ON partner.id = sale_order.partner_id
                WHERE sale_order.company_id IN %s AND sale_order.state = 'sale' AND %s < %s""",
            self._select_columns(
                doc_id=SQL("sale_order.id"),
                line_id=SQL("sale_order.id"),
                date=day,
                company_id=SQL("sale_order.company_id"),
                user_id=SQL("sale_order.user_id"),
                team_id=SQL("sale_order.team_id"),
                partner_id=SQL("partner.commercial_partner_id"),
                order_id=SQL("sale_order.id"),
                documents=SQL("1"),
                amount=SQL("sale_order.amount_untaxed / COALESCE(NULLIF(sale_order.currency_rate, 0), 1)"),
                is_late=SQL(
                    """EXISTS(SELECT FROM sale_order_line line
                                JOIN product_product product ON product.id = line.product_id
                                JOIN product_template template ON template.id = product.product_tmpl_id
                               WHERE line.order_id = sale_order.id AND line.display_type IS NULL
                                 AND template.type = 'consu' AND line.qty_delivered < line.product_uom_qty)"""
                ),
            ),
            tuple(scope.companies.ids),
            day,
            fields.Date.context_today(self),
            to_flush=[
                *self._get_fields("res.partner", "commercial_partner_id"),
                *self._get_fields(
                    "sale.order",
                    *("partner_id", "user_id", "team_id", "company_id", "state", "commitment_date", "amount_untaxed"),
                    "currency_rate",
                ),
                *self._get_fields(
                    "sale.order.line", "order_id", "display_type", "product_id", "product_uom_qty", "qty_delivered"
                ),
                *self._get_fields("product.product", "product_tmpl_id"),
                *self._get_fields("product.template", "type"),
                *self._get_columns_to_flush(),
            ],
        )
