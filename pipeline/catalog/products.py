"""Whether a statement speaks of another product of its provider than the one that a gateway uses. Pure.

A vendor with many products has one page for all of them: Amazon's service terms speak of a hundred services, and what
is said there of transcribing calls is not said of the models that a gateway calls. The page is told by its address:
where the first word of a provider's name is a part of the host ("Amazon Bedrock" at aws.amazon.com), the parts of the
host are the vendor's names, and a vendor's name with a further name behind it is a product ("AWS Supply Chain"). A
provider that goes by its vendor's name alone has no other product in this sense, and what names the provider itself,
or no product, speaks of the provider.
"""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from pipeline.catalog.statement_pairs import fold_words

# Parts of a host that name no vendor.
_PLAIN_HOST: Final = re.compile(
    r"www|docs?|com|net|org|io|ai|dev|app|co|help|support|legal|policies|cloud|platform|api|console|en|chat"
)
# What stands behind a vendor's name without making it the name of a product.
_PLAIN: Final = re.compile(
    r"(?: (?:accounts?|affiliates?|agreements?|ai|apis?|artificial|cloud|company|content|corporation|customers?|data"
    r"|documentation|enterprise|group|inc|intelligence|learning|limited|llc|ltd|machine|ml|models?|networks?|notice"
    r"|organi[sz]ations?|partners?|part(?:y|ies)|platform|polic(?:y|ies)|privacy|products?|regions?|services?|sites?"
    r"|software|support|teams?|technolog(?:y|ies)|terms|users?|websites?))*"
)
_PRODUCT_WORDS: Final = 2  # the least that a product is called beside its vendor's name: that name and one more


def names_other_product(quote: str, locator: str, names: tuple[str, ...], url: str) -> bool:
    """Whether the words of a statement, or the headings above it, name another product of the vendor.

    `names` are those of the provider, `url` is the page's address; the headings stand in the locator.
    """
    product = _find_pattern(names, url)
    text = f"{locator} | {quote}"
    if product is None or all(_PLAIN.fullmatch(found[1].lower()) for found in product.finditer(text)):
        return False
    words = f" {fold_words(text)} "
    return not any(f" {fold_words(name)} " in words for name in names)


@lru_cache(maxsize=256)
def _find_pattern(names: tuple[str, ...], url: str) -> re.Pattern[str] | None:
    """Return what a product of the vendor looks like on a page, or None where the page tells of no vendor."""
    spelled = [fold_words(name).split() for name in names]
    vendors = {part for part in (urlsplit(url).hostname or "").split(".") if not _PLAIN_HOST.fullmatch(part)}
    if any(len(words) < _PRODUCT_WORDS for words in spelled) or not vendors.intersection(one[0] for one in spelled):
        return None
    either = "|".join(re.escape(vendor) for vendor in sorted(vendors))
    # At most six words of at most 40 letters: enough for any name, and a page of one word is read in linear time.
    return re.compile(rf"(?<![\w-])(?i:{either})((?: [A-Z0-9][\w&+-]{{0,39}}){{1,6}})")
