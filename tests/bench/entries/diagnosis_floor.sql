-- The floor of the entry `diagnosis`: the figures of a diagnosis as of %(date)s, the last day of a month, in the company
-- %(company)s, each table read as seldom as it can be. Written independently of the addon: the definitions are those
-- that it shows its users. Revenue is that of posted invoices. Midnights are UTC, as for a user without time zone.

CREATE TEMP TABLE figure (code text, value float8, base float8, part float8) ON COMMIT DROP;

-- Deals: one pass, a row a seller and stage.
CREATE TEMP TABLE deals ON COMMIT DROP AS
SELECT user_id, stage_id,
       count(*) FILTER (WHERE is_open) AS open,
       count(*) FILTER (WHERE is_open AND id NOT IN (
           SELECT res_id FROM mail_activity WHERE res_model = 'crm.lead' AND active AND res_id IS NOT NULL
       )) AS no_activity,
       count(*) FILTER (WHERE is_open AND id IN (
           SELECT res_id FROM mail_activity WHERE res_model = 'crm.lead' AND active AND date_deadline < %(date)s
       )) AS late_activity,
       count(date_last_stage_update) FILTER (WHERE is_open) AS staged,
       count(*) FILTER (WHERE is_open AND date_last_stage_update < %(date)s::date - 30) AS stalled,
       max(date_last_stage_update) FILTER (WHERE is_open) AS last_moved,
       count(*) FILTER (WHERE is_open AND coalesce(expected_revenue, 0) = 0) AS no_value,
       count(date_deadline) FILTER (WHERE is_open) AS dated,
       count(*) FILTER (WHERE is_open AND date_deadline < %(date)s) AS overdue,
       count(*) FILTER (WHERE is_won) AS won,
       count(*) FILTER (WHERE is_lost) AS lost,
       count(*) FILTER (WHERE is_lost AND lost_reason_id IS NULL) AS no_reason,
       count(*) FILTER (WHERE is_won AND create_date <= date_closed + interval '1 day') AS entered,
       count(*) FILTER (WHERE is_won AND create_date <= date_closed + interval '1 day' AND day_close < 1) AS same_day,
       count(*) FILTER (WHERE is_won AND id NOT IN (
           SELECT opportunity_id FROM sale_order WHERE state = 'sale' AND opportunity_id IS NOT NULL
       )) AS no_order,
       coalesce(sum(expected_revenue) FILTER (WHERE is_won), 0) AS amount,
       coalesce(sum(date_closed::date - date_open::date) FILTER (WHERE is_won AND date_open <= date_closed), 0) AS days,
       count(*) FILTER (WHERE is_won AND date_open <= date_closed) AS timed,
       max(date_open) FILTER (WHERE date_open < %(date)s::date + 1) AS last_opened,
       max(date_closed) FILTER (WHERE date_closed < %(date)s::date + 1) AS last_closed
  FROM (
    SELECT *, active AND won_status = 'pending' AND coalesce(date_open < %(date)s::date + 1, true) AS is_open,
           won_status = 'won' AND in_window AS is_won, won_status = 'lost' AND in_window AS is_lost
      FROM (
        SELECT *, date_closed >= %(date)s::date + 1 - interval '12 months'
                  AND date_closed < %(date)s::date + 1 AS in_window
          FROM crm_lead
         WHERE type = 'opportunity' AND (company_id = %(company)s OR company_id IS NULL)
      ) lead
  ) lead
 GROUP BY user_id, stage_id;

INSERT INTO figure
SELECT code, part::float8 / nullif(base, 0), base, part
  FROM (
    SELECT sum(open) AS open, sum(no_activity) AS no_activity, sum(late_activity) AS late_activity,
           sum(staged) AS staged, sum(stalled) AS stalled, sum(no_value) AS no_value, sum(dated) AS dated,
           sum(overdue) AS overdue, sum(won) AS won, sum(lost) AS lost, sum(no_reason) AS no_reason,
           sum(entered) AS entered, sum(same_day) AS same_day, sum(no_order) AS no_order,
           coalesce(sum(open) FILTER (WHERE user_id IS NULL OR NOT seller.active), 0) AS orphan
      FROM deals LEFT JOIN res_users seller ON seller.id = user_id
  ) total,
  LATERAL (VALUES
    ('deal_no_activity', open, no_activity),
    ('deal_stalled', staged, stalled),
    ('deal_no_value', open, no_value),
    ('deal_no_deadline', open, open - dated),
    ('deal_overdue', dated, overdue),
    ('deal_orphan', open, orphan),
    ('activity_overdue', open - no_activity, late_activity),
    ('lost_without_reason', lost, no_reason),
    ('deal_won_same_day', entered, same_day),
    ('deal_won_no_order', won, no_order),
    ('win_rate', won + lost, won)
  ) measured (code, base, part);

INSERT INTO figure SELECT 'cycle_days', sum(days)::float8 / nullif(sum(timed), 0), sum(timed), sum(timed) FROM deals;

INSERT INTO figure
SELECT 'stage_stalled', stalled::float8 / nullif(stages, 0), stages, stalled
  FROM (
    SELECT count(*) AS stages, count(*) FILTER (WHERE last_moved < %(date)s::date - 30) AS stalled
      FROM (SELECT max(last_moved) AS last_moved FROM deals GROUP BY stage_id) stage
     WHERE last_moved IS NOT NULL
  ) total;

-- Sellers: those with at least 20 closed deals (20 won ones for the cycle) are compared.
CREATE TEMP TABLE result ON COMMIT DROP AS
SELECT user_id, sum(open)::bigint AS open, sum(won)::bigint AS won, sum(lost)::bigint AS lost, sum(amount) AS amount,
       sum(days)::bigint AS days, sum(timed)::bigint AS timed
  FROM deals
 WHERE user_id IS NOT NULL
 GROUP BY user_id;

INSERT INTO figure
SELECT 'win_rate_spread', max(won::float8 / (won + lost)) - min(won::float8 / (won + lost)), count(*), count(*)
  FROM result WHERE won + lost >= 20;

-- Behind: by 10 points, and by more than the 2.5 %% of a test of two proportions (1.96 standard errors) allow.
INSERT INTO figure
SELECT 'seller_below_peers', count(*) FILTER (WHERE behind)::float8 / count(*), count(*), count(*) FILTER (WHERE behind)
  FROM (
    SELECT gap >= 0.10 AND gap > 1.959963984540054 * sqrt(
               all_won / all_closed * (1 - all_won / all_closed) * (1.0 / closed + 1.0 / (all_closed - closed))
           ) AS behind
      FROM (
        SELECT (all_won - won) / (all_closed - closed) - won::numeric / closed AS gap, closed, all_won, all_closed
          FROM (
            SELECT won, won + lost AS closed, sum(won) OVER () AS all_won, sum(won + lost) OVER () AS all_closed
              FROM result WHERE won + lost >= 20
          ) rated
      ) rated
  ) rated;

INSERT INTO figure
SELECT 'cycle_spread', max(cycle) / percentile_cont(0.5) WITHIN GROUP (ORDER BY cycle), count(*), count(*)
  FROM (SELECT days::float8 / timed AS cycle FROM result WHERE timed >= 20) seller;

INSERT INTO figure
SELECT 'seller_top_share', sum(amount) FILTER (WHERE place <= ceil(sellers / 5.0)) / sum(amount), max(sellers),
       ceil(max(sellers) / 5.0)
  FROM (
    SELECT amount, row_number() OVER (ORDER BY amount DESC) AS place, count(*) OVER () AS sellers
      FROM result WHERE amount > 0
  ) seller;

-- Structure: people who work here with an open deal, or with a deal closed or an order confirmed in the window.
CREATE TEMP TABLE seller ON COMMIT DROP AS
SELECT id FROM res_users
 WHERE active AND (
    id IN (SELECT user_id FROM result WHERE open + won + lost > 0)
    OR id IN (
        SELECT user_id FROM sale_order
         WHERE state = 'sale' AND company_id = %(company)s
           AND date_order >= %(date)s::date + 1 - interval '12 months' AND date_order < %(date)s::date + 1
    )
 );

INSERT INTO figure
SELECT 'deal_load', max(open) / nullif(percentile_cont(0.5) WITHIN GROUP (ORDER BY open), 0), count(*), count(*)
  FROM (SELECT coalesce(open, 0) AS open FROM seller LEFT JOIN result ON user_id = id) load;

-- Each seller's results, those of people who have left included.
CREATE TEMP TABLE seller_result ON COMMIT DROP AS
SELECT coalesce(id, user_id) AS user_id, coalesce(won, 0) AS won, coalesce(lost, 0) AS lost,
       coalesce(won::float8 / nullif(won + lost, 0), 0) AS win_rate, round(days::numeric / nullif(timed, 0), 1) AS cycle,
       coalesce(amount, 0) AS amount, coalesce(open, 0) AS open
  FROM seller FULL JOIN result ON user_id = id
 WHERE id IS NOT NULL OR won + lost > 0;

INSERT INTO figure
SELECT code, part::float8 / nullif(base, 0), base, part
  FROM (
    SELECT count(*) AS sellers,
           count(*) FILTER (WHERE NOT coalesce(has_head, false)) AS no_head,
           count(*) FILTER (WHERE NOT coalesce(has_job, false)) AS no_job,
           count(*) FILTER (WHERE id NOT IN (
               SELECT user_id FROM mail_activity
                WHERE NOT active AND date_done > %(date)s::date - 30 AND date_done <= %(date)s AND user_id IS NOT NULL
           )) AS inactive
      FROM seller
      LEFT JOIN (
        SELECT employee.user_id, bool_or(employee.parent_id IS NOT NULL) AS has_head,
               bool_or(version.job_id IS NOT NULL) AS has_job
          FROM hr_employee employee JOIN hr_version version ON version.id = employee.current_version_id
         WHERE employee.active AND employee.company_id = %(company)s
         GROUP BY 1
      ) employee ON employee.user_id = seller.id
  ) total,
  LATERAL (VALUES
    ('seller_no_head', sellers, no_head), ('seller_no_job', sellers, no_job), ('seller_inactive', sellers, inactive)
  ) measured (code, base, part);

INSERT INTO figure
SELECT 'span_of_control', max(people), count(*), 1
  FROM (
    SELECT count(*) AS people FROM hr_employee
     WHERE active AND company_id = %(company)s AND parent_id IS NOT NULL AND user_id IN (SELECT id FROM seller)
     GROUP BY parent_id
  ) head;

-- Customers: those who bought in 24 months, among them those in contact in 90 days and those entered twice.
CREATE TEMP TABLE contacted ON COMMIT DROP AS
WITH contact AS MATERIALIZED (
    SELECT activity.res_model AS model, activity.res_id
      FROM mail_activity activity
      JOIN mail_activity_type type ON type.id = activity.activity_type_id
     WHERE NOT activity.active AND activity.date_done > %(date)s::date - 90 AND activity.date_done <= %(date)s
       AND (type.category IN ('phonecall', 'meeting') OR type.id = %(email_type)s)
     UNION ALL
    SELECT message.model, message.res_id
      FROM mail_message message
      LEFT JOIN mail_message_subtype subtype ON subtype.id = message.subtype_id
     WHERE message.date >= %(date)s::date - 89 AND message.date < %(date)s::date + 1
       AND message.message_type IN ('email', 'email_outgoing', 'comment')
       AND message.is_internal IS NOT TRUE AND subtype.internal IS NOT TRUE
), touched AS (
    SELECT res_id AS partner_id FROM contact WHERE model = 'res.partner'
     UNION
    SELECT lead.partner_id FROM contact JOIN crm_lead lead ON lead.id = res_id WHERE model = 'crm.lead'
     UNION
    SELECT sale.partner_id FROM contact JOIN sale_order sale ON sale.id = res_id WHERE model = 'sale.order'
     UNION
    SELECT attendance.res_partner_id
      FROM calendar_event event
      JOIN calendar_event_res_partner_rel attendance ON attendance.calendar_event_id = event.id
     WHERE event.active AND event.start >= %(date)s::date - 89 AND event.start < %(date)s::date + 1
)
SELECT DISTINCT partner.commercial_partner_id AS id
  FROM touched JOIN res_partner partner ON partner.id = touched.partner_id
 WHERE partner.commercial_partner_id IS NOT NULL;

CREATE TEMP TABLE customer ON COMMIT DROP AS
WITH bought AS (
    SELECT partner_id FROM crm_lead
     WHERE type = 'opportunity' AND won_status = 'won' AND (company_id = %(company)s OR company_id IS NULL)
       AND date_closed >= %(date)s::date + 1 - interval '24 months' AND date_closed < %(date)s::date + 1
     UNION
    SELECT partner_id FROM sale_order
     WHERE state = 'sale' AND company_id = %(company)s
       AND date_order >= %(date)s::date + 1 - interval '24 months' AND date_order < %(date)s::date + 1
     UNION
    SELECT commercial_partner_id FROM account_move
     WHERE move_type = 'out_invoice' AND state = 'posted' AND company_id = %(company)s
       AND invoice_date >= %(date)s::date + 1 - interval '24 months' AND invoice_date <= %(date)s
)
SELECT id, user_id, industry_id, phone, email
  FROM res_partner
 WHERE active
   AND id IN (
    SELECT partner.commercial_partner_id FROM bought JOIN res_partner partner ON partner.id = bought.partner_id
   );

INSERT INTO figure
SELECT code, part::float8 / nullif(base, 0), base, part
  FROM (
    SELECT count(*) AS customers,
           count(*) FILTER (WHERE user_id IS NULL) AS unowned,
           count(*) FILTER (WHERE industry_id IS NULL) AS unclassified,
           count(*) FILTER (WHERE id NOT IN (SELECT id FROM contacted)) AS silent,
           count(*) FILTER (WHERE coalesce(phone, '') = '' AND coalesce(email, '') = '' AND id NOT IN (
               SELECT parent_id FROM res_partner WHERE active AND is_company IS NOT TRUE AND parent_id IS NOT NULL
           )) AS unreachable,
           count(*) FILTER (WHERE id IN (
               SELECT id
                 FROM (
                   SELECT id,
                          count(*) OVER (PARTITION BY nullif(vat, '')) AS same_vat, vat,
                          count(*) OVER (PARTITION BY email_normalized) AS same_email, email_normalized,
                          count(*) OVER (PARTITION BY lower(trim(name))) AS same_name, name
                     FROM res_partner
                    WHERE active AND commercial_partner_id = id
                      AND (company_id = %(company)s OR company_id IS NULL)
                 ) partner
                WHERE nullif(vat, '') IS NOT NULL AND same_vat > 1
                   OR email_normalized IS NOT NULL AND same_email > 1
                   OR name IS NOT NULL AND same_name > 1
           )) AS duplicate
      FROM customer
  ) total,
  LATERAL (VALUES
    ('customer_unowned', customers, unowned),
    ('customer_unclassified', customers, unclassified),
    ('customer_silent', customers, silent),
    ('customer_unreachable', customers, unreachable),
    ('customer_duplicate', customers, duplicate)
  ) measured (code, base, part);

INSERT INTO figure
SELECT 'customer_load', max(customers) / percentile_cont(0.5) WITHIN GROUP (ORDER BY customers), count(*), count(*)
  FROM (SELECT count(*) AS customers FROM customer WHERE user_id IS NOT NULL GROUP BY user_id) owner;

-- Revenue: one pass over the invoices, a row a customer and month.
CREATE TEMP TABLE revenue ON COMMIT DROP AS
SELECT commercial_partner_id AS customer, date_trunc('month', invoice_date)::date AS month,
       min(invoice_date) AS first_date, sum(amount_untaxed_signed) AS amount
  FROM account_move
 WHERE move_type IN ('out_invoice', 'out_refund') AND state = 'posted' AND company_id = %(company)s
   AND invoice_date <= %(date)s
 GROUP BY 1, 2;

WITH buyer AS (
    SELECT coalesce(sum(amount) FILTER (WHERE month >= window_start), 0) AS amount,
           coalesce(sum(amount) FILTER (WHERE month < window_start AND month >= history_start), 0) AS earlier,
           min(first_date) AS first_date, customer
      FROM revenue, LATERAL (
        SELECT (%(date)s::date + 1 - interval '12 months')::date AS window_start,
               (%(date)s::date + 1 - interval '24 months')::date AS history_start
      ) dates
     WHERE customer IS NOT NULL
     GROUP BY customer
), ranked AS (
    SELECT amount, first_date >= %(date)s::date + 1 - interval '12 months' AS is_new, sum(amount) OVER () AS total,
           sum(amount) OVER (ORDER BY amount DESC, customer ROWS UNBOUNDED PRECEDING) - amount AS before
      FROM buyer WHERE amount > 0
), history AS (
    -- its first month may be without revenue
    SELECT coalesce(min(first_date) < %(date)s::date + 1 - interval '23 months', false) AS is_there FROM buyer
), total AS (
    SELECT count(*) AS buyers, max(total) AS total, max(amount) AS top, count(*) FILTER (WHERE before < 0.8 * total) AS core,
           coalesce(sum(amount) FILTER (WHERE is_new), 0) AS new_amount, count(*) FILTER (WHERE is_new) AS new_count
      FROM ranked
)
INSERT INTO figure
SELECT 'customer_top_share', top / nullif(total, 0), buyers, 1 FROM total
 UNION ALL
SELECT 'customer_concentration', core::float8 / nullif(buyers, 0), buyers, core FROM total
 UNION ALL
SELECT 'customer_new_share', CASE WHEN is_there THEN new_amount / nullif(total, 0) END, buyers, new_count
  FROM total, history
 UNION ALL
SELECT 'customer_lost', count(*) FILTER (WHERE amount <= 0)::float8 / nullif(count(*), 0), count(*),
       count(*) FILTER (WHERE amount <= 0)
  FROM buyer, history WHERE earlier > 0 AND is_there;

INSERT INTO figure
SELECT 'revenue_variation', stddev_pop(amount) / nullif(avg(amount), 0), count(*), count(*)
  FROM (
    SELECT coalesce(sum(amount), 0) AS amount
      FROM generate_series(%(date)s::date + 1 - interval '12 months', %(date)s, interval '1 month') start
      LEFT JOIN revenue ON month = start
     WHERE start >= (SELECT min(month) FROM revenue WHERE month >= %(date)s::date + 1 - interval '12 months')
     GROUP BY start
  ) month;

INSERT INTO figure
SELECT 'receivable_overdue', late / nullif(total, 0), invoices, late_invoices
  FROM (
    SELECT count(*) AS invoices, sum(amount_residual_signed) AS total,
           count(*) FILTER (WHERE invoice_date_due < %(date)s) AS late_invoices,
           coalesce(sum(amount_residual_signed) FILTER (WHERE invoice_date_due < %(date)s), 0) AS late
      FROM account_move
     WHERE move_type = 'out_invoice' AND state = 'posted' AND amount_residual_signed > 0 AND company_id = %(company)s
  ) total;

INSERT INTO figure
SELECT 'discount', sum(gross * discount / 100) / nullif(sum(gross), 0), count(*), count(*)
  FROM (
    SELECT line.price_unit * line.product_uom_qty / coalesce(nullif(sale.currency_rate, 0), 1) AS gross, line.discount
      FROM sale_order_line line JOIN sale_order sale ON sale.id = line.order_id
     WHERE sale.state = 'sale' AND sale.company_id = %(company)s
       AND sale.date_order >= %(date)s::date + 1 - interval '12 months' AND sale.date_order < %(date)s::date + 1
       AND line.display_type IS NULL AND line.price_unit > 0 AND line.product_uom_qty > 0
  ) line;

-- How fresh the data are.
INSERT INTO figure
SELECT 'data_age', %(date)s::date - greatest(
           (SELECT greatest(max(last_opened), max(last_closed))::date FROM deals),
           (SELECT max(date_order)::date FROM sale_order
             WHERE state = 'sale' AND company_id = %(company)s AND date_order < %(date)s::date + 1),
           (SELECT max(invoice_date) FROM account_move
             WHERE move_type = 'out_invoice' AND state = 'posted' AND company_id = %(company)s
               AND invoice_date <= %(date)s)
       ), 1, 1;
