"""Readings of training: every rule's example and counter-example, and sentences of our own writing by value."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, pairwise
from typing import Final

import pytest

from pipeline.clauses import read_statements
from pipeline.clauses.lexicon import read_toml
from pipeline.clauses.training_purposes import pattern
from pipeline.clauses.training_words import mark
from pipeline.model import Block, BlockKind, Condition, Document, Grade, Statement, Topic, Training

RULES: Final = {str(rule["id"]): rule for rule in read_toml("training.toml")["rule"]}  # type: ignore[attr-defined]

NO: Final = (
    "If you want privacy, rest assured: we do not train on your prompts.",
    "If you prefer self-hosting, your prompts are never used to train models.",
    "We do not train on your data.",
    "We never train our models on customer data.",
    "Your prompts are not used to train any model.",
    "Customer data is never used for training.",
    "Neither your prompts nor the responses are used to train models.",
    "None of your inputs will be used for model training.",
    "No customer content is used to train or fine-tune our models.",
    "We don't use your conversations to improve our models.",
    "Inputs and outputs will not be used by us or our subprocessors to train foundation models.",
    "Your files stay yours: we don't feed them into model training.",
    "The content of your requests is not used in any training data set.",
    "We are contractually prohibited from using customer content for training.",
    "Our model providers are prohibited from training on your data.",
    "We process your documents to answer your questions, but they are not used to train AI.",
    "Acme will not use Customer Data to develop, train, or improve any machine learning models.",
    "Your data is yours and is never used for training purposes.",
    "We do not allow third parties to use your data to train their models.",
    "API traffic is excluded from training.",
    "Data submitted through the API is not used to train or improve our models.",
    "Training on your content is never performed.",
    "Chats are processed in memory and are not learned from.",
    "We will not use the text you submit to train our algorithms.",
    "Our agreements with OpenAI ensure that your prompts are not used for model training.",
    "Audio recordings are deleted after transcription and not used for model improvement.",
    "We do not sell your content or use it to train AI models.",
    "We do not use your code, prompts or outputs to train, retrain or fine-tune any AI model.",
    "The models are not trained on your data.",
    "Your code is never stored or trained on.",
    "We refrain from using user content to develop our models.",
    "Providers may not train on your inputs.",
    "No training on customer inputs or outputs.",
    "We will not, and will not permit others to, use Customer Content to train any model.",
    "Prompts sent to the model are isolated from training.",
    "Under no circumstances will your uploads be used to train AI.",
    "We only use your inputs to provide the service and not to train models.",
)
OPT_IN: Final = (
    "We do not use your content to train our models unless you give us permission.",
    "By default, we do not train on your prompts.",
    "Your data is not used for training by default.",
    "We will not train on customer content without your prior written consent.",
    "Unless you opt in, your conversations are not used to improve our models.",
    "We only use your chats for training if you have explicitly opted in.",
    "With your consent, we may use your recordings to train our speech models.",
    "Model training on your data is off by default.",
    "We will use your inputs to improve our models only where you have agreed to it.",
    "We never use your documents to train AI except with your express permission.",
    "Training on customer data requires the customer's explicit opt-in.",
    "If you choose to join the data sharing program, we may use your prompts to train our models.",
    "You can opt in to let us use your conversations for model training.",
    "Customer Content will not be used for training absent Customer's written consent.",
    "Acme does not use Customer Data to train its models, unless Customer instructs it to do so.",
    "We won't train on your code without asking you first.",
    "Your prompts are not used to train models by default, and you can opt in from the settings page.",
    "Admins can enable sharing of prompts to help improve our models.",
    "We do not use your data for training unless you explicitly share it with us.",
    "Only conversations that you choose to share are used to train our models.",
)
OPT_OUT: Final = (
    "If you would rather we didn't train on your chats, email privacy@example.com.",
    "If you do not want your conversations to be used to train models, fill in this form.",
    "Should you wish that your files are not used for training, tell support.",
    "Send us an email if you do not want your drawings used for AI training.",
    "We may use your conversations to train our models unless you opt out.",
    "You can opt out of training in your settings.",
    "You can turn off the use of your chats for model training at any time.",
    "We use your content to improve our models. You can opt out by writing to us.",
    "To stop us from training on your conversations, disable the setting in your account.",
    "If you do not want your prompts used for training, switch off data sharing.",
    "Users have the right to object to the use of their content for training AI.",
    "You may choose whether your conversations are used to improve our models.",
    "Customers can request that we do not use their data to train models.",
    "Unless you disable it, your inputs help train our models.",
    "Your prompts may be used for training; you can opt out at any time.",
    "Enterprise customers may opt out of having their data used for model improvement.",
    "We train on free users' prompts unless they have opted out.",
    "An opt-out from model training is available in the privacy settings.",
    "You can ask us not to use your content to train our models by emailing privacy.",
    "Content is used to train our models by default, but you can change this in settings.",
)
MAY: Final = (
    "We may use your content to train our models.",
    "Your prompts and outputs may be used to improve our AI models.",
    "We use the information you submit to the chatbot to develop and train our machine learning models.",
    "You grant us a licence to use your content to provide, maintain and improve our services.",
    "We may use Customer Data to improve our services and develop new products.",
    "Your conversations help us make our models better.",
    "We use conversations to fine-tune our models.",
    "Free tier prompts are used to train models.",
    "Human reviewers may read your conversations to improve our machine learning technologies.",
    "Inputs may be used for research and development of our models.",
    "We may use anonymized and aggregated data derived from your content to improve our services.",
    "We reserve the right to use your inputs for training.",
    "To improve our models, we analyze the prompts that users submit.",
    "Our models learn from your interactions and the content you provide.",
    "We collect your prompts and responses in order to develop and enhance our products.",
    "By submitting content you agree that we may use it to train our AI.",
    "You grant the company a perpetual, worldwide license to use your User Content to train its models.",
    "De-identified user content may be used to develop new features and models.",
    "We store chats and use this data to train our models.",
    "Prompts are logged and reviewed to improve the quality of our services.",
    "We use your uploaded images for training, testing and improving our algorithms.",
    "Your chats make our models smarter.",
)
NOTHING: Final = (
    "You may not use the output to train competing models.",
    "Customer shall not use the Services to develop a competing product.",
    "We use cookies to improve our website.",
    "We use usage data to improve our services.",
    "We process your prompts only to provide the service.",
    "Our employees receive regular training on data protection.",
    "You can use your data to train your own models.",
    "We collect information about how you use the service to improve it.",
    "If you send us feedback, we may use it to improve our services without any obligation to you.",
    "Our models are trained on publicly available data.",
    "Do you use my data to train your models?",
    "You own the output that you create with your prompts.",
    "We may use aggregated usage statistics to develop new features.",
    "To learn more about how we train our models, visit our help center.",
    "We use your email address to send you updates on improvements to our services.",
    "You agree not to reverse engineer the models or use outputs to develop models.",
    "We process your personal data to improve our services.",
    "We may use log data to improve our products.",
    "We improve your experience by remembering your preferences.",
    "Users must not upload training data that infringes third-party rights.",
    "The model may produce inaccurate output, so check the responses.",
    "You can opt out of marketing emails at any time.",
    "You can disable cookies in your browser to opt out of tracking.",
    "We use analytics providers to help us improve the site.",
    "Support conversations help us improve our customer support.",
    "We train our staff to handle customer data with care.",
    "The platform allows you to fine-tune models with the files you upload.",
    "We may modify or improve the services at any time without notice.",
    "Your fine-tuned model is only available to you.",
    "Customer retains all rights in Customer Data, and we retain all rights in the services and improvements.",
    "We use your content solely to provide you with the service and support.",
    "Improved prompts give better output.",
    "You must obtain consent before using recordings to train a voice model.",
    "We work with researchers to improve AI safety.",
    "You can withdraw your consent to receive our newsletter.",
    "We share personal data with vendors who help us improve our services.",
    "We use survey responses and crash reports to improve our products.",
    "We retain conversations for 30 days to detect abuse.",
    "Developers can build applications that use the model's outputs to improve their products.",
)

BY_VALUE: Final = ((Training.NO, NO), (Training.OPT_IN, OPT_IN), (Training.OPT_OUT, OPT_OUT), (Training.MAY, MAY))


def paragraph(text: str, number: int = 1) -> Block:
    return Block(number=number, kind=BlockKind.PARAGRAPH, text=text, places=range(len(text)))


def row(first: str, others: str, *header: str) -> Block:
    text = f"{first} | {others}"
    cells = tuple(match.span() for match in re.finditer(r"[^| ](?:[^|]*[^| ])?", text))
    return replace(paragraph(text), kind=BlockKind.ROW, cells=cells, header=header)


def page(*blocks: Block) -> Document:
    return Document(source=max((block.text for block in blocks), key=len), blocks=blocks)


def example_page(rule: dict[str, str], text: str) -> Document:
    """Return a page with a rule's sentence where the rule wants it: below a header, a lead-in, or another sentence."""
    if "header" in rule:
        return page(row("Team", text, "Plan", rule["header"]))
    if "row" in rule:
        return page(row(text, rule["row"], "Purpose", "Data", "Ground"))
    if "after" in rule and text.endswith(":"):
        return page(paragraph(text), replace(paragraph(rule["after"], 2), kind=BlockKind.ITEM, lead_in=text))
    if any(place in rule for place in ("heading", "lead", "collected")):
        return page(*_listed(rule, text))
    return page(paragraph(" ".join(part for part in (rule.get("before"), text, rule.get("after")) if part)))


def _listed(rule: dict[str, str], text: str) -> Iterator[Block]:
    """Give an item below a heading or a lead-in, or a sentence some way after a list of what is collected."""
    item = replace(paragraph(text), kind=BlockKind.ITEM)
    if "heading" in rule:
        yield replace(item, headings=(rule["heading"],))
    elif "lead" in rule:
        yield replace(item, lead_in=rule["lead"])
    else:
        yield replace(paragraph(rule["collected"]), kind=BlockKind.ITEM, lead_in="We collect:")
        yield paragraph("There is more to it.", 2)
        yield paragraph(text, 3)


def on_training(document: Document) -> tuple[Statement, ...]:
    return tuple(one for one in read_statements(document) if one.topic is Topic.TRAINING)


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_reads_its_example(rule_id: str) -> None:
    rule = RULES[rule_id]
    found = on_training(example_page(rule, rule["example"]))
    if rule["value"] == "nothing":
        assert not found
    else:
        assert rule_id in {one.rule_id for one in found}
        assert {one.value for one in found if one.rule_id == rule_id} == {Training(rule["value"])}


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_leaves_its_counter_example_alone(rule_id: str) -> None:
    rule = RULES[rule_id]
    found = on_training(example_page(rule, rule["counter"]))
    assert rule_id not in {one.rule_id for one in found}
    if rule["value"] == "nothing":
        assert found


@pytest.mark.parametrize(("text", "value"), [(text, value) for value, texts in BY_VALUE for text in texts], ids=str)
def test_a_sentence_has_one_value(text: str, value: Training) -> None:
    assert {one.value for one in on_training(page(paragraph(text)))} == {value}


@pytest.mark.parametrize("text", NOTHING)
def test_a_sentence_on_something_else_gives_no_claim(text: str) -> None:
    assert not on_training(page(paragraph(text)))


def test_a_claim_is_certain_where_actor_content_and_models_are_all_named() -> None:
    (sure,) = on_training(page(paragraph("We use your prompts to train our models.")))
    (unsure,) = on_training(page(paragraph("Your prompts are used to improve the services.")))
    assert (sure.grade, unsure.grade) == (Grade.CERTAIN, Grade.LIKELY)


def test_the_choice_in_the_same_paragraph_counts_and_the_one_in_the_next_does_not() -> None:
    use, choice = "We use your prompts to train our models.", "You can opt out in the settings."
    same, also_offered = on_training(page(paragraph(f"{use} {choice}")))
    apart, offered = on_training(page(paragraph(use), paragraph(choice, 2)))
    assert (same.value, apart.value) == (Training.OPT_OUT, Training.MAY)
    for control in (also_offered, offered):
        assert (control.value, control.condition) == (Training.OPT_OUT, Condition.OPTION)


def all_patterns() -> Iterator[str]:
    words = read_toml("training_words.toml")
    patterns = read_toml("training_patterns.toml")
    yield from chain.from_iterable(table["words"] for table in words.values())  # type: ignore[index]
    yield from (table["pattern"] for table in patterns.values())  # type: ignore[index]


def test_no_pattern_repeats_a_repetition_without_end() -> None:
    patterns = list(all_patterns())
    assert len(patterns) > len(RULES)
    assert not [one for one in patterns if re.search(r"[*+]\)[*+]|[*+]\)\{[0-9]*,\}", one)]


def test_every_pattern_is_asked_for() -> None:
    names = set(read_toml("training_patterns.toml"))
    assert names
    for name in names:
        assert pattern(name).pattern


def test_marked_words_never_overlap() -> None:
    text = "we may use your prompts and outputs to train and improve our models unless you opt out"
    tags = mark(text, {})
    assert len(tags) > len(text.split()) // 3
    assert all(one.end <= other.start for one, other in pairwise(tags))
