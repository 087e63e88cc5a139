"""What the doctor found, in sentences that name the way out.

Not here: what is looked at (`adapters/doctor.py`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from plan_assistant.domain.health import Check
from plan_assistant.domain.text import clean
from plan_assistant.wording import formats
from plan_assistant.wording.logins import login_sentence
from plan_assistant.wording.problem_texts import translated
from plan_assistant.wording.walls import WALL_SENTENCES
from plan_assistant.wording.words import message, words

_LONGEST: Final = 300
_LONGEST_SQL: Final = 4000
"""Half a statement would be worse than none."""

_SENTENCES: Final = {
    **WALL_SENTENCES,
    "versions": message("Versions: {versions}."),
    "sqlite": message("SQLite {version}, which may keep a write-ahead log; journal mode {mode}."),
    "sqlite_old": message(
        "SQLite {version} can corrupt a write-ahead log, so the journal mode is {mode}: several "
        "people wait longer for each other. Install pysqlite3 with a newer library."
    ),
    "no_store": message("No store at {place} yet: the first command that records makes it."),
    "store_gone": message(
        "There is no store at {place}, but {path} is what was left of one. Find out where it went; "
        "what a restore set aside comes back with: plan-assistant restore FILE"
    ),
    "second_name": message(
        "{path} is a second name of the store {place}: a restore was ended before it replaced "
        "anything. Delete that name, then restore again."
    ),
    "half_made": message(
        "{path} is being made now, or was left by a program that was ended while it made a store "
        "or a copy. Nothing is only there: delete it when no other program of ours runs."
    ),
    "store": message(
        "Store {place}: sound, revision {revision}, facts: {facts}, journal mode {mode}."
    ),
    "store_unsound": message(
        "{place} is damaged ({reason}). Let nobody record, copy the file away as it is, and "
        "restore the newest backup: plan-assistant restore FILE --replace"
    ),
    "foreign_keys": message(
        "A row of the table {table} names a row that is not there. Run plan-assistant audit verify "
        "to see which."
    ),
    "guards_missing": message(
        "Tables, indexes or triggers are not those this program makes: {names}. The record was "
        "open to changes. Run plan-assistant audit verify, then restore a backup."
    ),
    "guards": message("All {count} tables, indexes and triggers are those this program makes."),
    "modes": message("Only its owner may read {path}."),
    "mode": message(
        "{path} has the mode {mode}: others on this machine may read it. Run chmod 600 on it."
    ),
    "folder_mode": message(
        "The folder {path} has the mode {mode}: others may put files there in place of the store. "
        "Run chmod 700 on it."
    ),
    "disk": message("{free} MB free on the disk of {path}."),
    "disk_low": message(
        "Only {free} MB free on the disk of {path}. Free some space: with less than {least} MB "
        "recording and backups may soon fail."
    ),
    "clock": message("The clock says {now}."),
    "clock_behind": message(
        "The clock says {now}, but the newest fact was recorded at {newest}. Set the clock of this "
        "machine before anything is recorded."
    ),
    "clock_implausible": message(
        "The clock says {now}, which cannot be. Set the clock of this machine before anything is "
        "recorded."
    ),
    "clock_jumped": message(
        "The clock was moved by {seconds} s while this was checked. Find out what sets it."
    ),
    "clock_went_back": message(
        "Facts that bear an earlier time than the one before them: {count}, first fact number "
        "{first}. They were delivered after the store had been away, or the clocks of the machines "
        "that record differ. Set these from one source."
    ),
    "moment_unreadable": message(
        "A fact of {place} bears no readable time. Run plan-assistant audit verify to see which."
    ),
    "fonts": message("The fonts of the documents are there."),
    "fonts_missing": message(
        "The fonts of the documents lack {characters}. Install this program again."
    ),
    "seals": message("Checkpoint {number} of {at}; facts not sealed yet: {unsealed}."),
    "seals_none": message(
        "Nothing of the record is sealed (facts: {facts}). Make a key with plan-assistant audit "
        "key, then run plan-assistant audit seal from time to time."
    ),
    "acts_wait": message(
        "Acts that wait on this machine for the store: {count}. Their people deliver them by "
        "signing in, or with plan-assistant deliver."
    ),
    "acts_refused": message(
        "Acts on this machine that the record has refused: {count}. Their people decide: "
        "plan-assistant waiting lists them."
    ),
    "journal_damaged": message(
        "Records of acts on this machine that cannot be read: {count}. They are kept: "
        "plan-assistant waiting says where."
    ),
    "journal_unusable": message(
        "What is kept on this machine while the store is away cannot be read: {reason}"
    ),
    "seal_key_mode": message(
        "The seal key {path} has the mode {mode}: others may read it. Run chmod 600 on it, and "
        "make a new key if somebody may have."
    ),
    "database": message(
        "Store {place}: PostgreSQL {version}, revision {revision}; facts that this login sees: "
        "{facts}."
    ),
    "database_old": message(
        "PostgreSQL {version} is older than this program is made for. Move to version 15 or later."
    ),
    "database_open": message(
        "Everybody with a login on this server has these powers over the database {database}: "
        "{powers}. Let in nobody but the groups: section 2 of the guide to a store on PostgreSQL "
        "has the SQL, which a restored database needs again."
    ),
    "database_limits": message(
        "The database {database} sets no {names}: whoever stops in the middle of something holds "
        "others up. Section 2 of the guide to a store on PostgreSQL has the SQL, which a restored "
        "database needs again."
    ),
    "login": message("The login {login} has the powers of its role and no others."),
    "above_walls": message(
        "These logins stand above the walls between people and could take them down: {names}. "
        "Nobody should work on cases under them."
    ),
}
"""What a check answered, by its code."""

_LOGIN: Final = "login_"
_MOMENTS: Final = frozenset({"now", "newest", "at"})


def check_sentence(check: Check, language: str) -> str:
    """Return what a check answered, in a sentence."""
    if check.code == "versions":
        told = ", ".join(f"{name} {value}" for name, value in check.detail.items())
        return words(language)(_SENTENCES[check.code], versions=told)
    if check.code == "journal_unusable":
        reason = translated(clean(check.detail["reason"], _LONGEST), language)
        return words(language)(_SENTENCES[check.code], reason=reason)
    if check.code == "store_unreadable":
        return translated(clean(check.detail["reason"], _LONGEST), language)
    if check.code.startswith(_LOGIN):
        return login_sentence(check.code.removeprefix(_LOGIN), check.detail["login"], language)
    detail = {name: _detail(name, value, language) for name, value in check.detail.items()}
    return words(language)(_SENTENCES[check.code], **detail)


def _detail(name: str, value: str, language: str) -> str:
    if name in _MOMENTS:
        return formats.moment(datetime.fromisoformat(value), language)
    return clean(value, _LONGEST_SQL if name == "sql" else _LONGEST)
