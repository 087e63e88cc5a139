"""Why somebody was not let in, or a password not taken, and what to do instead."""

from __future__ import annotations

from plan_assistant.wording.words import message

SIGN_IN: dict[str, tuple[str, ...]] = {
    "wrong_name_or_password": (message("Name or password is wrong. Nothing was done. Try again."),),
    "wait_before_retry": (
        message(
            "After several wrong passwords this account is shut for {seconds} s more. Wait, "
            "then try again; an administrator can set a new password."
        ),
        message("After several wrong passwords this account is shut for a while. Wait, then try."),
    ),
    "password_not_set": (
        message("{name} has no password yet. Set one first: plan-assistant staff password {name}."),
        message("This account has no password yet. Set one: plan-assistant staff password NAME."),
    ),
    "password_needed": (
        message(
            "A password is needed and there is no terminal to ask on. Put it into {variable}, or "
            "write it to stdin with --password-stdin."
        ),
        message("A password is needed and there is no terminal to ask on."),
    ),
    "new_password_needed": (
        message(
            "A new password is needed and there is no terminal to ask on. Write it to stdin as one "
            "line, and put --password-stdin behind the command as in plan-assistant staff add NAME "
            "ROLE --password-stdin."
        ),
    ),
    "password_line_missing": (
        message("Stdin ended before the line with the password. Write one line for each password."),
    ),
    "password_short": (
        message("A password has at least {least} characters. Several words are easy to keep."),
        message("This password is too short."),
    ),
    "password_long": (
        message("A password has at most {most} characters. Choose a shorter one."),
        message("This password is too long."),
    ),
    "password_unreadable": (message("A password has no control characters. Type it again."),),
    "password_is_name": (
        message("The name is not a password. Choose something that others do not know."),
    ),
    "passwords_differ": (message("The two passwords differ. Type the same one twice."),),
    "password_is_set": (
        message(
            "{name} has a password already. Its owner changes it with: plan-assistant staff "
            "password {name}; an administrator with --as in front."
        ),
        message("This account has a password already. Its owner or an administrator changes it."),
    ),
    "password_set_meanwhile": (
        message(
            "Somebody set a password for {name} in the meantime. Nothing was changed. If that was "
            "not you, tell your administrator now."
        ),
        message("Somebody set that password in the meantime. Nothing was changed."),
    ),
    "administrator_needed": (
        message(
            "Here only an administrator adds people. Ask one of: {known}; the command then begins "
            "with --as NAME."
        ),
        message("Here only an administrator adds people."),
    ),
    "only_administrator_resets": (
        message("Only {name} or an administrator sets that password. Ask one of them."),
        message("Only the person or an administrator sets that password. Ask one of them."),
    ),
    "approval_key_does_not_open": (
        message(
            "The key with which {name} signs approvals does not open. Nothing was approved. An "
            "administrator gives a new one with: plan-assistant staff password {name}."
        ),
        message("The key that signs approvals does not open. Ask an administrator for a new one."),
    ),
}
