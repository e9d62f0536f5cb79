"""What can go wrong, as a small tree. Every message is one line that says what failed, where and what to do."""


class TermsError(Exception):
    """Anything this project raises on purpose."""


class UsageError(TermsError):
    """The call is wrong: an option, a date, a query (exit code 2)."""


class NotFoundError(TermsError):
    """The question has an answer and it is no: an unknown provider, for one (exit code 4)."""


class DeclarationError(TermsError):
    """A declaration cannot be used; the message carries the file and the dotted path."""


class ParseError(TermsError):
    """A capture cannot be read as the format that its source declares; the source keeps its last good capture."""


class SelectorError(ParseError):
    """A page does not hold what the format needs: no table, no rows, a missing column, two tables."""


class EnvelopeError(ParseError):
    """A capture yields fewer rows, or emptier ones, than its source's declared envelope allows."""


class ContractError(TermsError):
    """A table breaks its contract: the build fails and the published catalog stays as it was."""


class ArchiveError(TermsError):
    """The archive cannot be read or written."""


class CatalogError(TermsError):
    """There is no published catalog to read, or it cannot be opened."""


class DeliveryError(TermsError):
    """What changed could not be told to a webhook; the next call tells it."""


class EvidenceError(TermsError):
    """A file is no evidence file, is damaged, or holds what none may hold."""
