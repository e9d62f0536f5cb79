"""The closed lists: what a value may be."""

from enum import StrEnum


class RetentionKind(StrEnum):
    """How long prompts are kept; the W3C Data Privacy Vocabulary term is named where there is one."""

    NONE = "none"
    PERIOD = "period"  # dpv:TemporalDuration
    UNTIL_EVENT = "until_event"  # dpv:UntilEventDuration
    INDEFINITE = "indefinite"  # dpv:EndlessDuration
    UNSTATED = "unstated"  # stored, the period is not given; dpv:IndeterminateDuration
    UNKNOWN = "unknown"  # the source does not say whether anything is stored


class Bound(StrEnum):
    """What a number of days is of the true period."""

    EXACT = "exact"
    UP_TO = "up_to"
    RANGE = "range"  # the upper end is kept; the words keep both


class Training(StrEnum):
    """Whether prompts are used to train models."""

    NO = "no"
    OPT_IN = "opt_in"
    OPT_OUT = "opt_out"
    MAY = "may"
    UNKNOWN = "unknown"


class Basis(StrEnum):
    """How strongly a source carries a claim."""

    STATED = "stated"  # the source says it
    RENDERED = "rendered"  # printed by a table that prints the same words where its own data is missing
    ABSENT = "absent"  # the source has a place for it and leaves it out
    NULL = "null"  # the source holds an explicit null
    UNREADABLE = "unreadable"  # the source says something that no rule reads; the words are in the quarantine


class Tier(StrEnum):
    """The part of a provider's service that has terms of its own."""

    DEFAULT = "default"
    FREE = "free"


class TermsType(StrEnum):
    """What kind of document a source is; a closed list."""

    PRIVACY_POLICY = "privacy_policy"
    TERMS_OF_SERVICE = "terms_of_service"
    COMMERCIAL_TERMS = "commercial_terms"
    DEVELOPER_TERMS = "developer_terms"
    DATA_PROCESSING_ADDENDUM = "data_processing_addendum"
    DATA_USAGE_DOCS = "data_usage_docs"
    GATEWAY_TABLE = "gateway_table"
    GATEWAY_FEED = "gateway_feed"
    GATEWAY_API = "gateway_api"


class Topic(StrEnum):
    """What a claim speaks of. Retention and training make a policy; the others describe the offering."""

    RETENTION = "retention"
    TRAINING = "training"
    CAN_PUBLISH = "can_publish"
    REQUIRES_USER_IDS = "requires_user_ids"
    DISPLAY_NAME = "display_name"
    API_NAME = "api_name"
    TERMS_URL = "terms_url"
    PRIVACY_URL = "privacy_url"
    DATA_USAGE_URL = "data_usage_url"
    STATUS_URL = "status_url"
    HEADQUARTERS = "headquarters"
    DATACENTERS = "datacenters"


POLICY_TOPICS = (Topic.RETENTION, Topic.TRAINING)
LINK_TOPICS = (Topic.TERMS_URL, Topic.PRIVACY_URL, Topic.DATA_USAGE_URL, Topic.STATUS_URL)


class Precision(StrEnum):
    """How exactly the time of an observation is known."""

    INSTANT = "instant"
    DAY = "day"
    MONTH = "month"
    SEASON = "season"  # three months
    YEAR = "year"


class Outcome(StrEnum):
    """What came of one look at a source. Only the first two leave a capture in force."""

    OK = "ok"  # bytes came, and nothing speaks against believing them
    NOT_MODIFIED = "not_modified"  # the server says that nothing changed
    # Nothing was asked.
    ADDRESS_REFUSED = "address_refused"
    ROBOTS_DISALLOWED = "robots_disallowed"
    # No answer, or none that is whole.
    DNS_FAILED = "dns_failed"
    CONNECTION_FAILED = "connection_failed"
    CONNECTION_RESET = "connection_reset"
    SSL_INVALID = "ssl_invalid"
    SSL_EXPIRED = "ssl_expired"
    TIMEOUT = "timeout"
    PROTOCOL_ERROR = "protocol_error"
    TRUNCATED = "truncated"
    BAD_ENCODING = "bad_encoding"
    TOO_LARGE = "too_large"
    STOPPED = "stopped"  # by a person, before it was whole
    # An answer that says no.
    REDIRECT_REFUSED = "redirect_refused"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    BLOCKED = "blocked"  # 401, 403, 406, 451
    NOT_FOUND = "not_found"
    GONE = "gone"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    HTTP_ERROR = "http_error"
    EMPTY = "empty"
    WRONG_CONTENT_TYPE = "wrong_content_type"
    # A page that is not the page: archived and marked, never read.
    CHALLENGE = "challenge"
    CONSENT = "consent"
    LOGIN = "login"
    PARKED = "parked"
    MAINTENANCE = "maintenance"
    SOFT_NOT_FOUND = "soft_not_found"
    DRAWN_IN_BROWSER = "drawn_in_browser"
    SHRUNKEN = "shrunken"
    WRONG_LANGUAGE = "wrong_language"


class Format(StrEnum):
    """The formats that captures come in; each has one module in `parse/`."""

    PROVIDER_FEED = "provider_feed"
    PROVIDER_LIST = "provider_list"
    ZDR_ENDPOINTS = "zdr_endpoints"
    POLICY_TABLE = "policy_table"
    DOCUMENT = "document"  # a terms page in prose: HTML, Markdown, plain text or PDF


class SourceState(StrEnum):
    """How a source stands."""

    OK = "ok"
    FAILING = "failing"  # the last look brought nothing; the last good capture stays in force
    UNREADABLE = "unreadable"  # the last capture cannot be read; the last good one stays in force
    FLAPPING = "flapping"  # its captures take turns; what held before that is held
    NEVER_SEEN = "never_seen"
    DISABLED = "disabled"


class Cause(StrEnum):
    """Why an interval starts."""

    FIRST_OBSERVATION = "first_observation"
    SOURCE_CHANGE = "source_change"  # the source says something else than before
    REPORTING_CHANGE = "reporting_change"  # the same edit in most rows at once
    OTHER_SOURCE = "other_source"  # a source that says more of the same state came to speak, or ceased to
    UNREADABLE = "unreadable"  # the words are there and no rule reads them, or a rule reads them again
    REVERTED = "reverted"  # back within a day to what held before
    TECHNICAL_UPGRADE = "technical_upgrade"  # the same bytes, read better


class ChangeKind(StrEnum):
    """What kind of thing changed."""

    RETENTION_CHANGED = "retention_changed"
    TRAINING_CHANGED = "training_changed"
    PUBLISHING_CHANGED = "publishing_changed"
    USER_IDS_CHANGED = "user_ids_changed"
    RENAMED = "renamed"
    LINK_CHANGED = "link_changed"
    HEADQUARTERS_CHANGED = "headquarters_changed"
    DATACENTERS_CHANGED = "datacenters_changed"
    LISTED = "listed"
    DELISTED = "delisted"
    REPORTING_CHANGE = "reporting_change"
    CLAIM_APPEARED = "claim_appeared"  # on a terms page, as the two below
    CLAIM_CHANGED = "claim_changed"
    CLAIM_REMOVED = "claim_removed"


class BlockKind(StrEnum):
    """What a block of a terms page is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"  # of a list
    ROW = "row"  # of a table


class DataKind(StrEnum):
    """What a statement of a terms page speaks of."""

    PROMPTS_OUTPUTS = "prompts_outputs"
    FEEDBACK = "feedback"  # ratings and reports that carry conversations
    PERSONAL_DATA = "personal_data"  # of users in general
    FINE_TUNING = "fine_tuning"  # data sent in to tune a model
    FILES = "files"  # uploaded


class Condition(StrEnum):
    """When a statement of a terms page holds."""

    DEFAULT = "default"  # if nobody does anything
    OPTION = "option"  # on request, by a setting, an agreement or a special feature
    EXCEPTION = "exception"  # carved out of a stated rule


class Service(StrEnum):
    """The part of a provider's services that a statement speaks of."""

    API = "api"
    CONSUMER = "consumer"
    BUSINESS = "business"  # the enterprise or commercial offering, the API with it where the page means both
    FREE = "free"
    PAID = "paid"
    BATCH = "batch"
    FINE_TUNING = "fine_tuning"
    UNSPECIFIED = "unspecified"


class Grade(StrEnum):
    """How sure the reading of a statement is. Only certain ones reach policies and conflicts."""

    CERTAIN = "certain"  # signals that do not depend on each other agree
    LIKELY = "likely"  # listed for review


class Verification(StrEnum):
    """What has become of a statement of a terms page; "verified" always means the day its words were last seen."""

    SUPPORTED = "supported"  # the words still stand
    REWORDED = "reworded"  # the same typed value in other words
    CHANGED = "changed"  # another typed value stands in its place
    REMOVED = "removed"
    UNVERIFIABLE = "unverifiable"  # the page cannot be had or flaps: kept with its age, never called removed


class Significance(StrEnum):
    """What a new version of a page means. Only substantive ones are changes; all are counted."""

    COSMETIC = "cosmetic"  # links, white space, punctuation
    TEXTUAL = "textual"  # words, none that a typed statement rests on
    SUBSTANTIVE = "substantive"  # a typed statement changed, appeared or went


class Agreement(StrEnum):
    """What the gateway's statement and the provider's own make together."""

    AGREE = "agree"
    GATEWAY_ONLY = "gateway_only"
    PROVIDER_ONLY = "provider_only"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"  # neither says


class ConflictReason(StrEnum):
    """Why two claims differ."""

    VALUE = "value"  # the one keeps or trains, the other does not, or it does so otherwise
    DAYS = "days"  # both keep for a period, of another length
    CONDITION = "condition"  # the provider says the gateway's value too, but as an option or an exception
    SCOPE = "scope"  # the provider's statement is of a part of what the gateway speaks of, or of another service


class ZdrAvailability(StrEnum):
    """How zero retention is obtained by the provider's own words."""

    DEFAULT = "default"
    SELF_SERVE = "self_serve"  # by a setting or a parameter
    ON_REQUEST = "on_request"  # by approval, agreement or contract
    NONE_STATED = "none_stated"
