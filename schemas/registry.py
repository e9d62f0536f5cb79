"""Every published table by name."""

import pandera.pandas as pa

from schemas import policies, sources

TABLES: dict[str, pa.DataFrameSchema] = {
    "providers": policies.PROVIDERS,
    "policies": policies.POLICIES,
    "claims": policies.CLAIMS,
    "policy_history": policies.POLICY_HISTORY,
    "attribute_history": policies.ATTRIBUTE_HISTORY,
    "changes": policies.CHANGES,
    "conflicts": policies.CONFLICTS,
    "zdr_endpoints": sources.ZDR_ENDPOINTS,
    "sources": sources.SOURCES,
    "observations": sources.OBSERVATIONS,
    "quarantine": sources.QUARANTINE,
}
