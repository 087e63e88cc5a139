"""The lines above and below a screen: who and how much, what has been told, and the keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.content import Content

from plan_assistant.domain.policy.findings import Role
from plan_assistant.ui import actions, columns, symbols
from plan_assistant.ui.actions import Action, Zone
from plan_assistant.ui.widgets.text import Pane, Part, line


class TopLine(Pane):
    """One line: words at the left that may be shortened, words at the right that are kept."""

    DEFAULT_CSS = "TopLine { height: 1; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # the framework's name
        super().__init__(id=id)
        self._fill: Callable[[int], tuple[str, str]] = lambda _: ("", "")

    def show(self, fill: Callable[[int], tuple[str, str]]) -> None:
        """Show what `fill` answers for a width: the left end and the right end."""
        self._fill = fill
        self.show_again()

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the one line."""
        left, right = self._fill(width)
        return [line((columns.ends(f" {left}", f"{right} ", width), "bold"))]


class ToldStrip(Pane):
    """Which disclosures have been read, which comes next, and the key that reads it."""

    DEFAULT_CSS = "ToldStrip { height: 1; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._all: tuple[str, ...] = ()
        self._left: tuple[str, ...] = ()

    def show(self, disclosures: tuple[str, ...], left: tuple[str, ...]) -> None:
        """Show all disclosures of the pack, in order, and those not yet read."""
        self._all, self._left = disclosures, left
        self.show_again()

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the one line; when it is too narrow for every name, the names go first."""
        from plan_assistant.wording import terms  # noqa: PLC0415  # after the first frame

        names = [
            f"{self._mark(item)} {terms.disclosure(item, self.language)}" for item in self._all
        ]
        told = self.say("Told")
        following = self._left[0] if self._left else None
        right = (
            self.say("F5 read {disclosure}", disclosure=terms.disclosure(following, self.language))
            if following
            else self.say("all told")
        )
        left = f" {told}  " + "  ".join(names)
        if columns.width_of(left) + columns.width_of(right) + 3 > width:
            right = "F5" if following else ""
        if columns.width_of(left) + columns.width_of(right) + 3 > width:
            left = f" {told}  " + " ".join(self._mark(item) for item in self._all)
        return [line(columns.ends(left, f"{right} ", width))]

    def _mark(self, item: str) -> str:
        if item not in self._left:
            return symbols.TICKED
        return symbols.NEXT if item == self._left[0] else symbols.OPEN


class KeyBar(Pane):
    """The keys of the screen, from the registry; what cannot be done now stands in brackets."""

    DEFAULT_CSS = "KeyBar { height: 1; dock: bottom; }"
    WIDE = 110

    def __init__(
        self,
        zone: Zone,
        role: Role | None,
        refusal: Callable[[str], str | None],
        *,
        also: Zone | None = None,
    ) -> None:
        super().__init__(id="keys")
        self._zones = [zone] if also is None else [zone, also]
        self._role, self._refusal = role, refusal

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return as many keys as fit, and the palette's at the right end."""
        more = actions.action("palette")
        key = actions.key_name(more.keys[0], self.say)
        keys = [
            self._words(action)
            for zone in self._zones
            for action in actions.bar(zone, role=self._role, is_wide=width >= self.WIDE)
        ]
        taken = sum(columns.width_of(key) + columns.width_of(name) + 2 for key, name in keys)
        right = f" {key} {self.say.label(*more.label)} "
        if taken + columns.width_of(right) > width:
            right = f" {key}"
        room = width - columns.width_of(right)
        parts: list[Part] = []
        for key, name in keys:
            cells = columns.width_of(key) + columns.width_of(name) + 2
            if cells > room:
                break
            parts += [f" {key} ", (name, "dim" if name.startswith("(") else "bold")]
            room -= cells
        return [line(*parts, " " * room, right)]

    def _words(self, action: Action) -> tuple[str, str]:
        key = actions.key_name(action.keys[0], self.say)
        name = self.say.label(*action.label)
        return key, f"({name})" if self._refusal(action.id) else name
