"""Every published table by name."""

import pandera.pandas as pa

from schemas import evidence, policies, sources

TABLES: dict[str, pa.DataFrameSchema] = {
    "providers": policies.PROVIDERS,
    "policies": policies.POLICIES,
    "claims": evidence.CLAIMS,
    "policy_history": policies.POLICY_HISTORY,
    "provider_policy_history": policies.PROVIDER_POLICY_HISTORY,
    "attribute_history": policies.ATTRIBUTE_HISTORY,
    "changes": evidence.CHANGES,
    "conflicts": evidence.CONFLICTS,
    "zdr_endpoints": sources.ZDR_ENDPOINTS,
    "sources": sources.SOURCES,
    "observations": sources.OBSERVATIONS,
    "quarantine": sources.QUARANTINE,
}
