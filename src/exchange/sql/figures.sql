-- The main figures, in SQL that every engine has. docs/metrics.md says what each means; amounts are in the currency of
-- the table `pipeline`. Figures of another period: the same sums, over other days of `deals`.

CREATE VIEW closed_by_month AS
SELECT closed_month,
       SUM(CASE WHEN status = 'won' THEN 1 ELSE 0 END) AS won,
       SUM(CASE WHEN status = 'lost' THEN 1 ELSE 0 END) AS lost,
       SUM(CASE WHEN status = 'disqualified' THEN 1 ELSE 0 END) AS disqualified,
       SUM(CASE WHEN status = 'won' THEN 1.0 ELSE 0.0 END)
         / NULLIF(SUM(CASE WHEN status IN ('won', 'lost') THEN 1 ELSE 0 END), 0) AS win_rate,
       SUM(CASE WHEN status = 'won' THEN 1.0 ELSE 0.0 END) / COUNT(*) AS conversion_rate,
       SUM(CASE WHEN status = 'won' THEN amount END) AS value_won,
       AVG(CASE WHEN status = 'won' THEN amount END) AS mean_size,
       AVG(CASE WHEN status = 'won' THEN cycle_days END) AS mean_cycle
FROM deals
WHERE closed_month IS NOT NULL
GROUP BY closed_month;

CREATE VIEW open_by_stage AS
SELECT stages.position, stages.stage,
       COUNT(deals.id) AS deals,
       SUM(deals.amount) AS value,
       SUM(deals.weighted) AS weighted
FROM stages LEFT JOIN deals ON deals.stage = stages.stage
WHERE stages.outcome IS NULL
GROUP BY stages.position, stages.stage;

CREATE VIEW stays_by_stage AS
SELECT stages.position, stages.stage,
       COUNT(stays.days) AS ended,
       AVG(stays.days) AS mean_days
FROM stages LEFT JOIN stays ON stays.stage = stages.stage AND stays.left_at IS NOT NULL AND stays.whole = 1
WHERE stages.outcome IS NULL
GROUP BY stages.position, stages.stage;

CREATE VIEW funnel_by_month AS
SELECT deals.created_month, stages.position, stages.stage, COUNT(*) AS reached
FROM deals JOIN reached ON reached.deal = deals.id JOIN stages ON stages.stage = reached.stage
WHERE deals.whole = 1
GROUP BY deals.created_month, stages.position, stages.stage;
