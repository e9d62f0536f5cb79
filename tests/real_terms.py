"""The real documents of catalogued providers: which is a capture of which page, and why the others are of none."""

import csv
import gzip
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from pipeline.model import Moment, Observation, Outcome
from pipeline.refresh import add_capture, build
from pipeline.workplace import Workplace

_GOOGLE_TERMS = "google-ai-studio/html/google-generative-ai-services--terms-of-service"

# By source, the raw page where there is one, else its text.
PAGES = {
    "amazon-bedrock/amazon-web-services--terms-of-service.otacontrib.md": "amazon-bedrock--terms-of-service",
    "anthropic/html/claude-ai--commercial-terms.eu.html.gz": "anthropic--commercial-terms",
    "anthropic/html/claude-ai--data-processor-agreement.eu~legal-data-processing-addendum.html.gz": (
        "anthropic--data-processing-addendum"
    ),
    "anthropic/html/claude-ai--privacy-policy.eu~legal-privacy.html.gz": "anthropic--privacy-policy",
    "anthropic/html/claude-ai--privacy-policy.eu~legal-non-user-privacy-policy.html.gz": "anthropic--privacy-policy-2",
    "anthropic/html/claude-ai--terms-of-service.eu.html.gz": "anthropic--terms-of-service",
    "deepseek/html/deepseek--privacy-policy.eu.html.gz": "deepseek--privacy-policy",
    "deepseek/html/deepseek--terms-of-service.eu.html.gz": "deepseek--terms-of-service",
    "fireworks/docs--zero-data-retention.llms-full.md": "fireworks--data-usage-docs",
    "fireworks/html/fireworks-ai--privacy-policy.contrib.html.gz": "fireworks--privacy-policy",
    "fireworks/html/fireworks-ai--terms-of-service.contrib.html.gz": "fireworks--terms-of-service",
    f"{_GOOGLE_TERMS}.contrib~terms-generative-ai.html.gz": "google-ai-studio--terms-of-service-2",
    f"{_GOOGLE_TERMS}.eu~terms-generative-ai.html.gz": "google-ai-studio--terms-of-service-2",
    "google-vertex/google-cloud-platform--terms-of-service.otacontrib.md": "google-ai-studio--terms-of-service",
    "moonshotai/html/kimi-ai--privacy-policy.contrib.html.gz": "moonshotai--privacy-policy-2",
    "openai/html/chatgpt--business-privacy-policy.eu.html.gz": "openai--data-usage-docs-2",
    "openai/html/chatgpt--commercial-terms.eu.html.gz": "openai--commercial-terms",
    "openai/html/chatgpt--data-processor-agreement.eu.html.gz": "openai--data-processing-addendum",
    "openai/html/chatgpt--privacy-policy.eu~policies-eu-privacy-policy.html.gz": "openai--privacy-policy-2",
    "openai/html/chatgpt--privacy-policy.eu~policies-how-your-data-is-used-to-improve-model-performance.html.gz": (
        "openai--data-usage-docs-3"
    ),
    "openai/html/chatgpt--terms-of-service.eu~policies-eu-terms-of-use.html.gz": "openai--terms-of-service-3",
    "openai/html/chatgpt--terms-of-service.eu~policies-service-terms.html.gz": "openai--terms-of-service-2",
}

_SAME = "the text of a raw page that is here too"
_ANOTHER = "of another product, which no gateway calls"
_NO_ADDRESS = "its address stands in no recording"
_OLD = "an edition of 2024, at an address that stands in no recording"
_EXCERPT = "an excerpt of a page"
LEFT_OUT = {
    "_more/cloudflare/ai-gateway-log-payload.txt": _EXCERPT,
    "_more/cloudflare/ai-gateway-logging.txt": _EXCERPT,
    "_more/cloudflare/workers-ai-data-usage.txt": _EXCERPT,
    "_more/deepgram/mip-handling.txt": _EXCERPT,
    "_more/deepgram/mip-opt-out.txt": _EXCERPT,
    "_more/deepgram/mip-training.txt": _EXCERPT,
    "alibaba/html/qwen-chat--privacy-policy.eu.html.gz": _ANOTHER,
    "alibaba/html/qwen-chat--terms-of-service.eu.html.gz": _ANOTHER,
    "alibaba/qwen-chat--privacy-policy.eu.md": _ANOTHER,
    "anthropic/claude-ai--commercial-terms.eu.md": _SAME,
    "anthropic/claude-ai--data-processor-agreement.eu.md": _SAME,
    "anthropic/claude-ai--developer-terms.eu.md": _ANOTHER,
    "anthropic/claude-ai--privacy-policy.eu.md": _SAME,
    "anthropic/html/claude-ai--data-processor-agreement.eu~subprocessors.html.gz": "a list of sub-processors",
    "anthropic/html/claude-ai--developer-terms.eu~en-articles-13145338-anthropic-software-directory-terms.html.gz": (
        _ANOTHER
    ),
    "anthropic/html/claude-ai--developer-terms.eu~en-articles-13145358-anthropic-software-directory-policy.html.gz": (
        _ANOTHER
    ),
    "cloudflare/cloudflare--privacy-policy.otacontrib.md": _NO_ADDRESS,
    "deepseek/deepseek--developer-terms.eu.md": _NO_ADDRESS,
    "deepseek/deepseek--privacy-policy.eu.md": _SAME,
    "deepseek/deepseek--terms-of-service.eu.md": _SAME,
    "deepseek/html/deepseek--developer-terms.eu.html.gz": _NO_ADDRESS,
    "fireworks/fireworks-ai--privacy-policy.contrib.md": _SAME,
    "fireworks/fireworks-ai--terms-of-service.contrib.md": _SAME,
    "google-ai-studio/google-apis--developer-terms.otacontrib.md": _ANOTHER,
    "google-ai-studio/google-generative-ai-services--terms-of-service.contrib.md": _SAME,
    "google-ai-studio/html/google-generative-ai-services--privacy-policy.eu~gemini-answer-13594961.html.gz": _ANOTHER,
    "google-ai-studio/html/google-generative-ai-services--privacy-policy.eu~privacy.html.gz": _NO_ADDRESS,
    f"{_GOOGLE_TERMS}.eu~terms-gemini-enterprise-business.html.gz": _ANOTHER,
    f"{_GOOGLE_TERMS}.eu~terms.html.gz": _NO_ADDRESS,
    "moonshotai/kimi-ai--privacy-policy.contrib.md": _SAME,
    "openai/chatgpt--business-privacy-policy.eu.md": _SAME,
    "openai/chatgpt--commercial-terms.eu.md": _SAME,
    "openai/chatgpt--data-processor-agreement.eu.md": _SAME,
    "openai/chatgpt--developer-terms.eu.md": _ANOTHER,
    "openai/chatgpt--privacy-policy.eu.md": _SAME,
    "openai/html/chatgpt--developer-terms.eu.html.gz": _ANOTHER,
    "openai/openai--developer-terms.contrib.md": _OLD,
    "openai/openai--terms-of-service.contrib.md": _OLD,
    "tencent/tencent--privacy-policy.otacontrib.md": "of tencent.com, whose services are others",
}


def documents_of(shared: Path, provider_ids: frozenset[str]) -> Iterator[str]:
    """Yield every document of these providers by its path, histories apart."""
    folder = shared / "data" / "terms"
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        owner = name.removeprefix("_more/").partition("/")[0]
        if path.is_file() and owner in provider_ids and "/history/" not in name:
            yield name


def import_pages(work: Workplace, shared: Path) -> None:
    """Archive every document that is a capture of a page, as of the day on which it was recorded."""
    with (shared / "data" / "MANIFEST.csv").open(encoding="utf-8", newline="") as file:
        days = {row["path"]: datetime.fromisoformat(row["date"]) for row in csv.DictReader(file) if row["date"]}
    for name, source_id in PAGES.items():
        body = (shared / "data" / "terms" / name).read_bytes()
        is_raw = name.endswith(".gz")
        look = Observation(
            source_id=source_id,
            moment=Moment.instant(days[f"terms/{name}"]),
            outcome=Outcome.OK,
            origin="import",
            content_type="text/html; charset=utf-8" if is_raw else "text/markdown",
        )
        add_capture(work, look, gzip.decompress(body) if is_raw else body)


def real_data(shared: Path, factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with a catalog of the recorded captures and the real documents, built once per process."""
    folder = factory.getbasetemp() / "real"
    if not folder.exists():
        import_pages(Workplace(folder), shared)
        build(Workplace(folder))
    return folder
