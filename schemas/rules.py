"""Rules that span columns or rows, each a pandera check with the sentence that a failure prints."""

from collections.abc import Sequence

import pandas as pd
import pandera.pandas as pa


def days_fit(prefix: str = "") -> pa.Check:
    """Return the rule on the days of a retention, whose columns begin with the prefix."""

    def fit(frame: pd.DataFrame) -> pd.Series:
        return _days_fit_kind(frame[f"{prefix}retention_kind"], frame[f"{prefix}retention_days"])

    column = f"{prefix}retention_days"
    return pa.Check(
        fit, name=f"{prefix}days_fit_kind", error=f"{column} is 0 for none, N for period, empty for all others"
    )


def _days_fit_kind(kind: pd.Series, days: pd.Series) -> pd.Series:
    zero = (kind == "none") & days.eq(0).fillna(False)  # noqa: FBT003 - pandas takes the value by position
    period = (kind == "period") & days.ge(1).fillna(False)  # noqa: FBT003
    other = ~kind.isin(["none", "period"]) & days.isna()
    return (zero | period | other).astype(bool)


DAYS_FIT_KIND = days_fit()


def bound_fits(prefix: str = "") -> pa.Check:
    """Return the rule on the bound of a retention, whose columns begin with the prefix."""
    column = f"{prefix}retention_bound"
    return pa.Check(
        lambda frame: (frame[f"{prefix}retention_kind"] == "period") == frame[column].notna(),
        name=f"{prefix}bound_fits_kind",
        error=f"{column} is given for a period only",
    )


BOUND_FITS_KIND = bound_fits()


def _listing_fits_date(frame: pd.DataFrame) -> pd.Series:
    is_listed = frame["is_listed"].fillna(False).astype(bool)  # noqa: FBT003 - pandas takes the value by position
    return ~(is_listed & frame["delisted_at"].notna())


LISTING_FITS_DATE = pa.Check(
    _listing_fits_date, name="listing_fits_date", error="a listed offering has no date of delisting"
)


def _interval_is_forward(frame: pd.DataFrame) -> pd.Series:
    return frame["valid_to"].isna() | (frame["valid_to"] > frame["valid_from"])


INTERVAL_IS_FORWARD = pa.Check(
    _interval_is_forward, name="interval_is_forward", error="valid_to is later than valid_from"
)


def no_overlap(keys: Sequence[str]) -> pa.Check:
    """Return the rule that the intervals of one key follow each other without overlap."""

    def follows(frame: pd.DataFrame) -> pd.Series:
        ordered = frame.sort_values([*keys, "valid_from"])
        before = ordered.groupby(list(keys), dropna=False)["valid_to"].shift()
        is_first = ~ordered.duplicated(list(keys))
        ends = before.notna() & (before <= ordered["valid_from"])
        return (is_first | ends).reindex(frame.index)

    return pa.Check(follows, name="no_overlap", error=f"intervals of one {' and '.join(keys)} do not overlap")
