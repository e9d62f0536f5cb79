"""Columns that several tables share, each described once."""

from pipeline.model import Bound, RetentionKind, Training
from schemas.columns import HEX_PATTERN, ID_PATTERN, choice, count, text

GATEWAY = text("The gateway that lists the offering.", pattern=ID_PATTERN)
OFFERING = text(
    "A provider, or a provider and tier that has terms of its own: `groq`, `groq:free`.", pattern=ID_PATTERN
)
KIND = choice(RetentionKind, "How long prompts are kept, as the gateway states it.")
DAYS = count(
    "Days of retention: 0 for none, the number for a period (the longest that the words allow), empty for all others, "
    "so that a comparison never admits an unknown policy.",
    unit="calendar days",
    nullable=True,
)
BOUND = choice(Bound, "What the number is of the true period.", nullable=True)
TRAINING = choice(Training, "Whether prompts are used for training, as the gateway states it.")
BASIS_NOTE = "`rendered`: a table that prints the same words where its own data is missing."
CAPTURE = text("SHA-256 of the capture that holds the words.", nullable=True, pattern=HEX_PATTERN)
