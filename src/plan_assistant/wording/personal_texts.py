"""Why personal data were not shown or erased, or a key not removed, and what to do instead.

The codes and their details are listed in `domain/transitions.py`.
"""

from __future__ import annotations

from plan_assistant.wording.words import message

PERSONAL: dict[str, tuple[str, ...]] = {
    "case_erased": (
        message(
            "The personal data of this case was erased on {at}. What was decided stays on record; "
            "nothing more happens to the case."
        ),
        message(
            "The personal data of this case was erased. What was decided stays on record; nothing "
            "more happens to the case."
        ),
    ),
    "not_expired": (
        message("Case {case_id} is kept until {until}. Purge it after that day."),
        message("This case is still kept. Purge it later."),
    ),
    "kept_longer": (
        message(
            "The {given}-year period is too short for case {case_id}: its policy pack {pack} keeps "
            "it for {years} years. Nothing was erased. Name no fewer with --years, or none."
        ),
        message("The policy pack of this case keeps it for longer. Nothing was erased."),
    ),
    "case_is_open": (
        message(
            "Case {case_id} is open: nobody has closed it, and it was not erased. It is kept for "
            "the years of its policy pack from the day on which a call about it is closed "
            "(plan-assistant close)."
        ),
        message("This case is open: nobody has closed it, and it was not erased."),
    ),
    "purged_too_early": (
        message(
            "The database keeps this case still: by its own clock, its time is not over since "
            "something was last done about it. Purge it later."
        ),
    ),
    "kept_in_clear": (
        message(
            "Facts of case {case_id} were recorded in plain text by an older version, so no key "
            "erases them. Nothing was erased; the guide for administrators says what can be done."
        ),
        message(
            "Facts of this case were recorded in plain text by an older version, so no key erases "
            "them. Nothing was erased; the guide for administrators says what can be done."
        ),
    ),
    "reveal_sentence_missing": (
        message(
            "Say in a sentence what you need it for, with {option}, or choose one of the other "
            "reasons."
        ),
        message("Say in a sentence what you need it for, or choose one of the other reasons."),
    ),
    "key_in_use": (
        message(
            "This store still stands on the master key {key_id}. Put it under another one first: "
            "plan-assistant keys rotate."
        ),
        message(
            "This store still stands on that master key. Put it under another one first: "
            "plan-assistant keys rotate."
        ),
    ),
    "no_such_key": (
        message("No place that may be written has a master key {key_id}. Nothing was removed."),
        message("No place that may be written has that master key. Nothing was removed."),
    ),
}
