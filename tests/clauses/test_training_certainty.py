"""What is graded certain of a denial of training: plain ones are, and none beside words that may turn or narrow it."""

from typing import Final

import pytest

from pipeline.clauses import read_statements
from pipeline.model import Grade, Topic, Training
from pipeline.parse.document import parse_document

PLAIN: Final = (
    "We do not train on your prompts.",
    "We don't use your prompts, files or outputs to train our models.",
    "Your data is never used for training.",
    "Acme does not use Customer Content to train or improve any machine learning model.",
    "Neither we nor our providers train on your prompts.",
    "Inputs and outputs are not used to train, retrain or fine-tune AI models.",
    "Prompts sent to the API are never used for the training of our models.",
    "We process your prompts to provide the service, but we never train on them or on your files.",
    "For individuals using Acme: we do not use your prompts to train our models.",
    "Our agreements with providers prohibit training on your prompts.",
    "Your prompts are not used to train any base models offered by the service.",
    "We never use your recordings, images, transcripts or documents to train foundation models.",
    "Customer Content is not used to train or otherwise improve any generative AI model, be it ours or anyone else's.",
    "We do not use your prompts, your chats or the results thereof to train large language models.",
    "Your uploads are never merged into the base models, nor distributed to vendors for training.",
    "Your texts are not used to improve the quality of our services.",
    "Your prompts will be excluded from the training of our voices.",
    "All of your chats are off limits for training.",
    "For enterprise customers, we do not train on your prompts.",
    "We will not train on your company's data.",
    "The assistant does not learn from your threads, messages or repositories.",
)
# Denied of something else, or in turn: content is used, or nothing is said of it.
TURNED: Final = (
    "Nobody but us trains on your prompts.",
    "We don't just train on your prompts, we also sell them.",
    "Except for our own models, we do not train models on your prompts.",
    "We do not manually review the prompts on which we train.",
    "We do not pay you for prompts that we train on.",
    "We do not ask before we train on your prompts.",
    "We cannot undo the training of our models on your prompts.",
    "You do not have to opt in: we train on your prompts anyway.",
    "There is no opt-out from training on your prompts.",
    "We don't hide that your prompts are used for training.",
    "Not a day goes by on which our models do not learn from your prompts.",
    "Users who do not pay agree that their prompts are used for training.",
    "Prompts not marked private are used for training.",
    "We use prompts that do not belong to enterprise customers for training.",
    "We don't sell your data and train our models on it.",
    "We do not sell your prompts or share them with advertisers, and use them to train our models.",
    "We keep no prompts longer than needed to train our models.",
    "Prompts are never read by people when they are used for training.",
    "No human sees the prompts that train our models.",
    "Unlike others, who do not train on prompts, we do.",
    "A vendor that does not train on your prompts is hard to find.",
    "We cannot say whether our host trains on your prompts.",
    "Check that your vendor does not train on your prompts.",
    "It is wrong to think that we never train on your prompts.",
    "We never said that we do not train on your prompts.",
    "We do not claim that your prompts are not used for training.",
    "We no longer promise that prompts are not used for training.",
    "We no longer exclude prompts from training.",
    "Prompts are no longer excluded from training.",
    "We are not obliged to exclude your prompts from training.",
    "Nothing here forbids us to train on your prompts.",
    "No law forbids us to train on your prompts.",
    "You waive your right to object to training on your prompts.",
    "You hereby waive any right to compensation for the use of your prompts for training.",
    "No payment is due for the use of your prompts for training.",
    "No consent is needed for us to train on your prompts.",
    "We do not need your consent to train on your prompts.",
    "We may train on your prompts without your consent.",
    "We need not ask for your consent before we train on your prompts.",
    "If you agree to these terms, we train on your prompts.",
    "Chats of last year are not taken out of the training of our models.",
    "Prompts cannot be excluded from training.",
    "We have no reason not to train on your prompts.",
    "There would be no Acme without training on your prompts.",
    "Training on your prompts is not voluntary.",
    "Your employer, not Acme, trains on your prompts.",
    "Not Acme but Globex trains on your prompts.",
    "Less than a tenth of all prompts are not used for training.",
    "There is no rule against training on your prompts.",
    "We do not object to training on your prompts by our partners.",
    "No base model is offered that was not trained on your prompts.",
    "Your recordings cannot be excluded from the training of our voices.",
    "Training on your chats is not off limits.",
)
# For some, for a time, for some of it, or only hoped for.
NARROWED: Final = (
    "We do not yet train on your prompts.",
    "We do not currently train on your prompts.",
    "For now, your prompts are not used for training.",
    "We do not train on your prompts for the first 30 days.",
    "We will not train on your prompts until you have been told.",
    "This model has not been trained on your prompts.",
    "During your trial we do not train on your prompts.",
    "Your prompts are exempt from training during the trial.",
    "Prompts are not used for training so long as you pay.",
    "As long as you keep your subscription, prompts are not used for training.",
    "Upgrade to Pro, and we will not train on your prompts.",
    "Pay for Pro and your prompts are not used for training.",
    "We never train on raw prompts; we strip names first.",
    "We do not train on identifiable prompts.",
    "We do not train on your prompts in a form that identifies you.",
    "We do not train on confidential prompts.",
    "We do not train on unrated prompts.",
    "We do not train on prompts marked as private.",
    "We do not train on prompts that you have deleted.",
    "We do not train on prompts that mention health.",
    "We do not train on prompts of children.",
    "We do not train on the first prompt of a chat.",
    "We do not train on half of your prompts.",
    "We do not train on every prompt.",
    "Not many prompts are used for training.",
    "In Germany, your prompts are not used for training.",
    "We do not train on your prompts in Germany.",
    "We do not train on your prompts directly.",
    "We do not automatically train on your prompts.",
    "We do not knowingly train on your prompts.",
    "The model does not learn from your prompts in real time.",
    "The model does not learn from one chat to the next.",
    "We do not let others train on your prompts.",
    "We do not use your prompts to train third-party models.",
    "We do not train advertising models on your prompts.",
    "We do not train small models on your prompts.",
    "We do not train ranking models on your prompts.",
    "We do not train models for anyone else on your prompts.",
    "We do not train on part of your prompts.",
    "For customers in our pilot, we do not train on your prompts this year.",
    "We do not train on your prompts other than in accordance with the law.",
    "We do not train on your prompts, only on your ratings.",
    "We do not use personal data in your prompts to train our models.",
    "We do not need to train on your prompts.",
    "We do not have to train on your prompts.",
    "It is not necessary to train on your prompts.",
    "We are not interested in training on your prompts.",
    "We aim not to use your prompts for training.",
    "We hope never to train on your prompts.",
    "We will do our best not to train on your prompts.",
    "We believe that nobody should train on your prompts.",
    "Models should never be trained on private prompts.",
    "We do not train on your prompts unless authorised by law.",
    "We do not train on your prompts unless our lawyers approve.",
    "We do not train on your prompts unless they were flagged.",
    "We do not train on your prompts unless we have agreed it with our partners.",
    "We do not train on your prompts unless you are in the United States.",
    "We do not train on your prompts unless you do nothing.",
    "We do not train on your prompts unless you have not opted out.",
    "Unless you opt out, your prompts are not safe from training.",
    "By ticking the box you accept the terms, under which we train on your prompts.",
    "When you turn on the microphone, your recordings are used for training.",
)


def certain_promises(text: str) -> list[Training]:
    statements = read_statements(parse_document(text.encode(), "text/markdown"))
    training = [one for one in statements if one.topic is Topic.TRAINING and one.grade is Grade.CERTAIN]
    return [one.value for one in training if one.value in {Training.NO, Training.OPT_IN}]


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_denial_is_certain(text: str) -> None:
    assert certain_promises(text) == [Training.NO]


@pytest.mark.parametrize("text", TURNED + NARROWED)
def test_a_denial_beside_words_that_turn_or_narrow_it_is_not_certain(text: str) -> None:
    assert certain_promises(text) == []


@pytest.mark.parametrize(
    ("text", "value", "grade"),
    [
        ("Unless you opt out, we use your code to train our models.", Training.OPT_OUT, Grade.CERTAIN),
        (
            "By default, all customers participate in sharing prompts to train our models.",
            Training.OPT_OUT,
            Grade.CERTAIN,
        ),
        # Who switches a protection off may have let it happen: the less protective is told.
        ("If you choose to turn off stealth mode, we use your code to train our models.", Training.MAY, Grade.LIKELY),
    ],
)
def test_what_becomes_of_those_who_switch_something_off_is_not_certain(
    text: str, value: Training, grade: Grade
) -> None:
    (statement,) = read_statements(parse_document(text.encode(), "text/markdown"))
    assert (statement.value, statement.grade) == (value, grade)
