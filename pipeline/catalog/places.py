"""Countries, and the unions of them that a rule on places may name. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

# ISO 3166-1 alpha-2, as assigned in 2026: a mistyped code in "not in CN" would let everybody in, so it is refused.
_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC
CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD
GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH
KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW
MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC
SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY
UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES: Final = frozenset(_CODES.split())
_EU_CODES = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_EU: Final = frozenset(_EU_CODES.split())
UNIONS: Final[Mapping[str, frozenset[str]]] = {
    "EU": _EU,
    "EEA": _EU | {"IS", "LI", "NO"},
}
_MEANT: Final[Mapping[str, str]] = {"UK": "GB", "EL": "GR", "USA": "US"}


def expand(places: Iterable[str]) -> frozenset[str]:
    """Return the countries that codes of countries and unions name; raise ValueError for a code that is neither.

    The name of a union stays among them, for a source that says no more than that.
    """
    found: set[str] = set()
    for place in places:
        if place not in COUNTRIES and place not in UNIONS:
            meant = _MEANT.get(place.upper(), place.upper())
            hint = f"; write {meant}" if meant in COUNTRIES or meant in UNIONS else ""
            raise ValueError(f"'{place}' is not a country of ISO 3166-1 alpha-2, nor EU or EEA{hint}")
        found |= {place, *UNIONS.get(place, ())}
    return frozenset(found)
