"""Rows for records of processing activities (GDPR, Article 30): what a catalog knows of each recipient.

What only the controller knows is left to the controller, and marked so. None of it is legal advice.
"""

import csv
import io
from collections.abc import Iterable
from typing import Final

from pipeline.catalog.places import UNIONS
from pipeline.catalog.reader import Catalog
from pipeline.catalog.rows import naive
from pipeline.catalog.spreadsheet import cell
from pipeline.use.export.extract import Extract, Made
from pipeline.use.export.storage import NOT_STATED, Said, Storage, find_storage

TO_COMPLETE: Final = "[controller to complete]"


def make_ropa(catalog: Catalog, extract: Extract) -> Made:
    """Return one CSV file with a row per recipient; a spreadsheet that opens it runs no cell."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    rows = [_row(one, extract) for one in find_storage(catalog, extract)]
    writer.writerow(rows[0] if rows else ())
    writer.writerows([cell(value) for value in row.values()] for row in rows)
    return Made(files=(("ropa.csv", buffer.getvalue().encode()),), remarks=())


def _row(one: Storage, extract: Extract) -> dict[str, object]:
    offering = one.offering
    return {
        "record_id": f"{offering.gateway_id}/{offering.offering_id}",
        "as_of": f"{extract.moment:%Y-%m-%d}",
        "basis": extract.basis.value,
        "chosen_by": "; ".join(extract.filters),
        "controller_art_30_1_a": TO_COMPLETE,
        "purposes_art_30_1_b": TO_COMPLETE,
        "categories_of_data_subjects_art_30_1_c": TO_COMPLETE,
        "categories_of_personal_data_art_30_1_c": TO_COMPLETE,
        "recipient_art_30_1_d": offering.provider_name,
        "recipient_tier": offering.tier.value,
        "recipient_category_art_30_1_d": f"provider of language models, reached through {offering.gateway_id}",
        "recipient_role": TO_COMPLETE,
        "recipient_headquarters": _placed([offering.headquarters] if offering.headquarters else ()),
        "recipient_datacenters": _placed(offering.datacenters or ()),
        "third_country_transfer_art_30_1_e": TO_COMPLETE,
        "time_limit_for_erasure_art_30_1_f": one.words,
        **_said("time_limit", one.on_storing),
        "use_for_training": one.training,
        **_said("training", one.on_training),
        "terms_url": offering.terms_url,
        "privacy_url": offering.privacy_url,
        "security_measures_art_30_1_g": TO_COMPLETE,
    }


def _said(of: str, said: Said) -> dict[str, object]:
    return {
        f"{of}_stated_by": said.side.value if said.side else NOT_STATED,
        f"{of}_quote": said.quote,
        f"{of}_source": said.source_id,
        f"{of}_source_url": said.url,
        f"{of}_seen_on": f"{naive(said.seen_at):%Y-%m-%d}" if said.seen_at else None,
        f"{of}_remarks": "; ".join(said.remarks),
    }


def _placed(countries: Iterable[str]) -> str:
    """Return countries, each with whether it lies in the European Economic Area."""
    known = [f"{one} ({'EEA' if one in UNIONS or one in UNIONS['EEA'] else 'outside the EEA'})" for one in countries]
    return ", ".join(known) or NOT_STATED
