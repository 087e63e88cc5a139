"""How a call can end: the codes that are recorded and what they are called."""

from __future__ import annotations

from plan_assistant.wording.words import Words, message

OUTCOMES = {
    "promised": message("promised to pay"),
    "call_back": message("call back later"),
    "no_answer": message("no answer"),
    "refused": message("refused every plan"),
    "disputes": message("disputes the debt"),
    "hardship": message("hardship: a review is needed"),
    "wrong_person": message("another person answered"),
}
"""In the order of their digits."""


AGREED = "agreed"
"""The outcome of a call whose plan was recorded."""


def outcome_name(code: str, say: Words) -> str:
    """Return what an outcome is called; a code of another version is shown as it is."""
    if code == AGREED:
        return say("a plan was agreed")
    return say(OUTCOMES[code]) if code in OUTCOMES else code.replace("_", " ")
