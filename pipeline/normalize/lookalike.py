"""Names that are made to be taken for another: letters of several scripts, or the look of a known name. Pure.

After Unicode's security mechanisms (UTS 39): a name may mix Latin letters with those of one language of East Asia, as
names there do, and with no others; two names are alike where their skeletons are, for which letters that look alike
are one. The letters are those that real look-alikes are made of, and not the whole table of Unicode.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from pipeline.normalize.text import fold

_LONGEST: Final = 200
# The scripts that are written together, each as the names of its letters begin.
_TOGETHER: Final = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
# Letters, and below each the Latin one that it looks like. Upper and lower case of one letter may look like two.
_ALIKE: Final = (
    ("АВЕЅІЇЈКМНОРСТУХԌԚԜҺ", "ABESIIJKMHOPCTYXGQWH"),  # Cyrillic
    ("авеѕіїјкмнорстухԁԛԝһг", "abesiijkmhopctyxdqwhr"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"),  # Greek
    ("αγεηικνορστυχω", "ayenikvopotuxw"),
    ("ՕՏԼՍ", "OSLU"),  # Armenian
    ("օսհոցզ", "ouhngq"),
    ("ıɑɡɩǀ", "iagil"),  # Latin letters of other languages
)
_LATIN: Final = str.maketrans("".join(letters for letters, _ in _ALIKE), "".join(likes for _, likes in _ALIKE))
_ONE: Final = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l"})
_PAIRS: Final = (("rn", "m"), ("vv", "w"))


def index_looks(names: Iterable[str]) -> dict[str, str]:
    """Return names by what they look like, of those that look the same the first; what has no letters is left out."""
    looks: dict[str, str] = {}
    for name in names:
        looks.setdefault(_look(name), name)
    looks.pop("", None)
    return looks


def find_confusable(name: str, known: Mapping[str, str]) -> str | None:
    """Return what is doubtful about a name that nobody reviewed, or None; `known` are reviewed names by their looks."""
    scripts = find_scripts(name)
    mixed = len(scripts) > 1 and not any(scripts <= allowed for allowed in _TOGETHER)
    like = known.get(_look(name))
    told = (
        f"mixes {' and '.join(one.capitalize() for one in sorted(scripts))} letters" if mixed else "",
        f"looks like '{like}'" if like is not None else "",
    )
    return " and ".join(filter(None, told)) or None


def find_scripts(name: str) -> frozenset[str]:
    """Return the scripts of the letters of a name, each as Unicode's names of its letters begin."""
    letters = (mark for mark in unicodedata.normalize("NFKC", name[:_LONGEST]) if mark.isalpha())
    return frozenset(unicodedata.name(mark, "UNNAMED").partition(" ")[0] for mark in letters)


def _look(name: str) -> str:
    """Return the skeleton of a name: letters and digits only, those that look alike as one."""
    plain = unicodedata.normalize("NFKC", name[:_LONGEST]).translate(_LATIN)
    bare = unicodedata.normalize("NFD", fold(plain)).translate(_ONE)
    look = "".join(mark for mark in bare if mark.isalnum())
    for pair, one in _PAIRS:
        look = look.replace(pair, one)
    return look
