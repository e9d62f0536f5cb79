"""Tells whether a statement is about one part of what is offered: a product among many, or a single endpoint."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from pipeline.clauses.grammar import Reading
from pipeline.clauses.text import fold
from pipeline.model import Block

# "Acme Vision Content": what customers put into a product. A page that names many such is about many products.
_PRODUCT_CONTENT: Final = re.compile(r"\b(?:[A-Z][\w.-]{0,20} ){1,5}(?=Content\b)")
_NO_PRODUCT: Final = re.compile(
    r"(?:your|my|our|the|any|all|other|such|each|no|this|that|customer|client|user|users|end user|member|subscriber"
    r"|company|business|enterprise|third[- ]party|public|ai|generated|prohibited|submitted|uploaded|redacted|if|when) "
)
_MANY: Final = 4  # products of which a page has to speak
_MOST: Final = 60


def find_parts(blocks: Iterable[Block]) -> re.Pattern[str] | None:
    """Return a pattern for the names of products on a page about many, or None for any other page."""
    names: Counter[str] = Counter()
    for block in blocks:
        if "Content" in block.text:
            names.update(match[0].strip() for match in _PRODUCT_CONTENT.finditer(block.text))
    products = sorted(name for name in names if not _NO_PRODUCT.match(f"{fold(name)} "))[:_MOST]
    if len(products) < _MANY:
        return None
    makers = Counter(name.split(" ")[0] for name in products if " " in name)
    brands = [re.escape(maker) for maker, count in sorted(makers.items()) if count > 1 or maker.isupper()]
    branded = [rf"(?:{'|'.join(brands)}) [A-Z0-9][\w.-]+"] if brands else []
    return re.compile(r"\b(?:" + "|".join([*branded, *(f"{re.escape(name)} Content" for name in products)]) + r")\b")


def is_about_part(reading: Reading) -> bool:
    """Tell whether the sentence, or the nearest heading, names a product among many or an endpoint by its name."""
    if reading.has("sentence.all_parts"):
        return False
    sentence = reading.sentence
    above = sentence.block.headings[-1] if sentence.block.headings else ""
    parts = sentence.page.parts
    if parts is not None:
        return bool(parts.search(above) or parts.search(sentence.block.text, sentence.start, sentence.end))
    is_headed = reading.in_heading("part_named") and not sentence.around("title", "part_named")
    return is_headed or reading.has("sentence.for_part")
