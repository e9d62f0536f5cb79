"""The SQL of the view that an analyst opens first, and of the same view as of an earlier moment."""

from schemas.view import TABLE_OF, VIEW

PROVIDER_TERMS = f"""
CREATE VIEW {VIEW} AS
SELECT {", ".join(f"{table}.{column}" for column, table in TABLE_OF.items())}
FROM providers JOIN policies USING (gateway_id, offering_id)
ORDER BY providers.gateway_id, providers.offering_id
"""  # noqa: S608 - names of ours

# How a gateway's statements, `g`, and a provider's own, `p`, stand to each other. The order is that of protection,
# the most protective first; the same rules decide in `catalog.protection` and `catalog.agreement`. Only what DuckDB 1.2
# knows is used, for it opens the file too: it has no `if`.
BOTH_SIDES = """
CREATE MACRO retention_order(kind) AS list_position(['none', 'period', 'until_event', 'unstated', 'indefinite'], kind);
CREATE MACRO training_order(use) AS list_position(['no', 'opt_in', 'opt_out', 'may'], use);
CREATE MACRO is_gateway_stricter(g_kind, g_days, p_kind, p_days) AS
    p_kind = 'unknown' OR (g_kind <> 'unknown' AND (
        retention_order(g_kind) > retention_order(p_kind)
        OR (retention_order(g_kind) = retention_order(p_kind) AND coalesce(g_days, 0) > coalesce(p_days, 0))));
CREATE MACRO strictest_use(g, p) AS
    CASE WHEN p = 'unknown' THEN g WHEN g = 'unknown' OR training_order(p) > training_order(g) THEN p ELSE g END;
CREATE MACRO agreement_of(g_known, p_known, is_conflict) AS
    CASE WHEN g_known AND p_known AND is_conflict THEN 'conflict' WHEN g_known AND p_known THEN 'agree'
         WHEN g_known THEN 'gateway_only' WHEN p_known THEN 'provider_only' ELSE 'unknown' END;
CREATE MACRO retention_agreement(g_kind, g_days, p_kind, p_days) AS agreement_of(
    g_kind <> 'unknown', p_kind <> 'unknown',
    NOT (g_kind IN ('until_event', 'unstated') AND p_kind IN ('until_event', 'unstated'))
    AND (g_kind <> p_kind OR g_days IS DISTINCT FROM p_days));
CREATE MACRO training_agreement(g, p) AS agreement_of(
    g <> 'unknown', p <> 'unknown', (g IN ('opt_out', 'may')) <> (p IN ('opt_out', 'may')));
CREATE MACRO is_silent(p_kind, p_training, p_zdr) AS
    p_kind = 'unknown' AND p_training = 'unknown' AND p_zdr = 'none_stated';
CREATE MACRO agreement_over(one, other) AS
    CASE WHEN 'conflict' IN (one, other) THEN 'conflict' WHEN 'gateway_only' IN (one, other) THEN 'gateway_only'
         WHEN 'provider_only' IN (one, other) THEN 'provider_only' WHEN 'agree' IN (one, other) THEN 'agree'
         ELSE 'unknown' END;
"""

# A row is as old as the last whole look, at or before the moment asked for, that left its source's words in force.
# An offering that no source of policies had spoken of by then is there with an unknown policy, and is not listed.
# How many statements a provider's pages were weighed by, and when their words were last seen, is kept of now only: the
# history begins no interval with either. So both columns are told where the pages said nothing, else they are null.
PROVIDER_TERMS_AS_OF = """
CREATE MACRO provider_terms_as_of(moment) AS TABLE
WITH held AS (
    SELECT * FROM policy_history AS h
    WHERE h.valid_from <= moment
    QUALIFY row_number() OVER (PARTITION BY h.gateway_id, h.offering_id ORDER BY h.valid_from DESC) = 1
), attributes AS (
    SELECT * FROM attribute_history AS a
    WHERE a.valid_from <= moment AND (a.valid_to IS NULL OR a.valid_to > moment)
), own AS (
    SELECT * FROM provider_policy_history AS t
    WHERE t.valid_from <= moment AND (t.valid_to IS NULL OR t.valid_to > moment)
), wide AS (
    SELECT
        gateway_id, offering_id,
        max(CASE WHEN attribute = 'can_publish' THEN value END) = 'true' AS can_publish,
        max(CASE WHEN attribute = 'requires_user_ids' THEN value END) = 'true' AS requires_user_ids,
        max(CASE WHEN attribute = 'terms_url' THEN value END) AS terms_url,
        max(CASE WHEN attribute = 'privacy_url' THEN value END) AS privacy_url,
        max(CASE WHEN attribute = 'data_usage_url' THEN value END) AS data_usage_url,
        max(CASE WHEN attribute = 'status_url' THEN value END) AS status_url,
        max(CASE WHEN attribute = 'headquarters' THEN value END) AS headquarters,
        max(CASE WHEN attribute = 'datacenters' THEN value END) AS datacenters,
        max(CASE WHEN attribute = 'display_name' THEN value END) AS display_name
    FROM attributes GROUP BY gateway_id, offering_id
), rows AS (
SELECT
    p.gateway_id, p.offering_id, p.provider_id, coalesce(w.display_name, p.provider_name) AS provider_name, p.tier,
    h.valid_from IS NOT NULL AND (h.valid_to IS NULL OR h.valid_to > moment) AS is_listed,
    coalesce(h.retention_kind, 'unknown') AS retention_kind, h.retention_days, h.retention_text,
    coalesce(h.training, 'unknown') AS training, h.training_text, h.training_basis,
    w.can_publish, w.requires_user_ids,
    h.retention_source_id AS source_id,
    greatest(
        coalesce(h.valid_from, p.first_seen_at),
        (SELECT max(o.observed_at) FROM observations AS o
         WHERE o.source_id = h.retention_source_id AND o.is_readable AND NOT o.is_partial
           AND o.observed_at <= moment AND (h.valid_to IS NULL OR o.observed_at < h.valid_to))
    ) AS observed_at,
    w.terms_url, w.privacy_url, w.status_url, w.headquarters,
    CASE WHEN w.datacenters IS NULL THEN NULL WHEN w.datacenters = '' THEN []
         ELSE string_split(w.datacenters, ', ') END AS datacenters,
    h.retention_bound, h.retention_basis,
    CASE WHEN h.valid_to <= moment THEN h.valid_to END AS delisted_at,
    w.data_usage_url,
    coalesce(t.provider_retention_kind, 'unknown') AS provider_retention_kind, t.provider_retention_days,
    t.provider_retention_bound,
    coalesce(t.provider_training, 'unknown') AS provider_training,
    coalesce(t.zdr_available, 'none_stated') AS zdr_available,
    h.retention_source_id = h.training_source_id AS is_of_one_source
FROM providers AS p
LEFT JOIN held AS h USING (gateway_id, offering_id)
LEFT JOIN wide AS w USING (gateway_id, offering_id)
LEFT JOIN own AS t USING (gateway_id, offering_id)
WHERE p.first_seen_at <= moment
)
SELECT * EXCLUDE (is_of_one_source),
    CASE WHEN is_gateway_stricter(retention_kind, retention_days, provider_retention_kind, provider_retention_days)
         THEN retention_kind ELSE provider_retention_kind END AS strictest_retention_kind,
    CASE WHEN is_gateway_stricter(retention_kind, retention_days, provider_retention_kind, provider_retention_days)
         THEN retention_days ELSE provider_retention_days END AS strictest_retention_days,
    CASE WHEN is_gateway_stricter(retention_kind, retention_days, provider_retention_kind, provider_retention_days)
         THEN retention_bound ELSE provider_retention_bound END AS strictest_retention_bound,
    strictest_use(training, provider_training) AS strictest_training,
    retention_agreement(retention_kind, retention_days, provider_retention_kind, provider_retention_days)
        AS retention_agreement,
    training_agreement(training, provider_training) AS training_agreement,
    agreement_over(retention_agreement, training_agreement) AS agreement,
    CASE WHEN is_silent(provider_retention_kind, provider_training, zdr_available)
         THEN CAST(retention_kind <> 'unknown' AS BIGINT) + CAST(training <> 'unknown' AS BIGINT) END AS evidence_count,
    CASE WHEN is_silent(provider_retention_kind, provider_training, zdr_available) AND is_of_one_source
              AND (retention_kind <> 'unknown' OR training <> 'unknown') THEN observed_at END AS last_verified_at
FROM rows
ORDER BY gateway_id, offering_id
"""
