"""What can go wrong while a document is written.

InputRefused
 `- DocumentRefused      the agreement cannot be printed as it is; names the fields
FileNotWritten
 `- DocumentFailure      the typesetter failed for a reason that is not in the agreement
     `- ClauseDefect     a shipped clause text is broken
"""

from __future__ import annotations

from plan_assistant.domain.errors import FileNotWritten, InputRefused


class DocumentRefused(InputRefused):
    """The agreement holds something that cannot be printed; carries all problems."""


class DocumentFailure(FileNotWritten):
    """The document could not be made; the message says what to do next."""


class ClauseDefect(DocumentFailure):
    """A clause text is broken: an unknown placeholder, or two languages that differ."""
