"""Who works here now: the first frame, and the choice of a person once the store is open.

The password is asked for by `password.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult

from plan_assistant.domain.errors import PlanAssistantError
from plan_assistant.ui import actions, columns
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.screens.base import BaseScreen
from plan_assistant.ui.widgets.bars import KeyBar, TopLine
from plan_assistant.ui.widgets.choices import ChoiceList, Item

if TYPE_CHECKING:
    from plan_assistant.domain.events import Account
    from plan_assistant.ports import Store
    from plan_assistant.services.staff import Door, Proof


class SignInScreen(BaseScreen):
    """The people of the store; Enter lets the marked one work."""

    ZONE = Zone.SIGN_IN
    BINDINGS = actions.bindings(Zone.SIGN_IN)

    def __init__(self) -> None:
        super().__init__()
        self._people: tuple[Account, ...] = ()
        self._without_password: frozenset[str] = frozenset()
        self._failure: PlanAssistantError | None = None
        self._kept = 0
        """Acts that wait on this machine for a store that cannot be opened."""
        self._is_open = False
        self._is_chosen = False

    def compose(self) -> ComposeResult:
        """Compose the list of people, empty at first."""
        yield TopLine(id="top")
        yield ChoiceList(
            id="people",
            title=lambda: self.say("Who is working?"),
            nothing=self._nothing,
            has_digits=True,
        )
        yield KeyBar(Zone.SIGN_IN, None, self.refusal)

    def on_mount(self) -> None:
        """Open the store after the first frame."""
        self.refill()
        self.query_one("#people").focus()
        self.call_after_refresh(self.start, self._open, "open")

    def refill(self) -> None:
        """Show the title line and the people."""
        self.query_one(TopLine).show(lambda _: (self.say("Repayment plan assistant"), ""))
        super().refill()

    def _nothing(self) -> str:
        if self._failure is not None:
            said = self.problem_sentence(self._failure)
            if self._kept:
                from plan_assistant.wording.keeping import waiting_sentence  # noqa: PLC0415  # only then

                said = f"{said} {waiting_sentence(self._kept, self.language)}"
            return said
        if self._is_open:
            return self.say("Nobody works here yet. Add a person with: plan-assistant staff add")
        return self.say("Opening the record ...")

    async def _open(self) -> None:
        login: str | None = None
        try:
            store = await self.unless_left(self.office.open_store())
            people = await self.in_background(store.accounts)
            # A store that knows who signed in lets nobody work under another name.
            login = store.login
            self._people = tuple(each for each in people if login in {None, each.name})
            if login is None:
                self._without_password = await self.in_background(
                    lambda: self._accounts_without_password(store)
                )
        except PlanAssistantError as error:
            self._failure = error
            self._kept = await self.unless_left(self.office.count_kept())
        self._is_open = True
        known = {person.name: person for person in self._people}
        self._show_people()
        chosen = known.get(self.office.account_name or login or "")
        if chosen is not None:
            self._choose(chosen)

    def _accounts_without_password(self, store: Store) -> frozenset[str]:
        from plan_assistant.services.staff import without_password  # noqa: PLC0415  # after the first frame

        return without_password(self.office.door(store))

    def _show_people(self) -> None:
        self.query_one(ChoiceList).show([self._line(number) for number in range(len(self._people))])

    def _line(self, number: int) -> Item:
        def draw(width: int) -> str:
            from plan_assistant.wording import terms  # noqa: PLC0415  # after the first frame

            person = self._people[number]
            role = terms.role(person.role, self.language)
            text = f"{number + 1}  {person.display_name}  {role}  ({person.name})"
            if person.name in self._without_password:
                text = f"{text}  {self.say('no password yet')}"
            return columns.left(text, width)

        return draw

    def tell(self, sentence: str) -> None:
        """Show a sentence in the corner."""
        self.office.tell(sentence)

    def on_choice_list_digit(self, event: ChoiceList.Digit) -> None:
        """Sign the person in whose number was typed."""
        self._choose(self._people[event.index])

    def do_sign_in(self) -> None:
        """Sign the marked person in."""
        if self._people:
            self._choose(self._people[self.query_one(ChoiceList).index])

    def _choose(self, person: Account) -> None:
        if not self._is_chosen:
            self._is_chosen = True
            self.start(lambda: self._ask(person), "sign-in")

    async def _ask(self, person: Account) -> None:
        """Let in who has given the password already; ask everybody else."""
        from plan_assistant.ui.screens.password import PasswordScreen  # noqa: PLC0415  # after the first frame

        known, self.office.password = self.office.password, None
        is_new, said = person.name in self._without_password, ""
        store = await self.unless_left(self.office.open_store())
        if store.login is not None:
            # The database has asked for the password already.
            await self._sign_in(person)
            return
        door = self.office.door(store)
        if known is not None and person.name == self.office.account_name and not is_new:
            try:
                self._let_in(await self.in_background(lambda: _proof(door, person.name, known)))
                return
            except PlanAssistantError as error:
                said = self.problem_sentence(error)
        self.office.push_screen(
            PasswordScreen(door, person, is_new=is_new, said=said), self._let_in
        )

    def _let_in(self, proof: Proof | None) -> None:
        if proof is None:
            self._is_chosen = False
        else:
            self.start(lambda: self._sign_in(proof.account), "sign-in")

    async def _sign_in(self, person: Account) -> None:
        try:
            store = await self.unless_left(self.office.open_store())
            desk = await self.in_background(lambda: self.office.make_desk(store, person))
        except PlanAssistantError as error:
            self._is_chosen = False
            self._show_people()
            self.tell(self.problem_sentence(error))
        else:
            self.office.sign_in(desk, self)


def _proof(door: Door, name: str, password: str) -> Proof:
    from plan_assistant.services.staff import authenticate  # noqa: PLC0415  # after the first frame

    return authenticate(door, name, password)
