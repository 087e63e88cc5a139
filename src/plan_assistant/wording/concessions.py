"""What a plan changes beside dates and amounts, as it is said aloud: rate, waiver, old interest.

Not here: the payments themselves (`speech.py`) and what is said around them (`script.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from plan_assistant.domain.offers.plan import Plan
from plan_assistant.wording import formats, terms
from plan_assistant.wording.speech import Speech
from plan_assistant.wording.words import Words


@dataclass(frozen=True, slots=True)
class Concessions:
    """The sentences about what the lender changes for one plan."""

    speech: Speech
    contract_rate: Fraction

    @property
    def plan(self) -> Plan:
        """The plan that is spoken."""
        return self.speech.plan

    @property
    def text(self) -> Words:
        """The sentences of the language that is spoken."""
        return self.speech.text

    def proposed(self) -> list[str]:
        """Return what belongs into the proposal, in few words."""
        return [*self._rate_in_short(), *self._waiver_in_short(), *self._bears_interest()]

    def read(self) -> list[str]:
        """Return what is read for the record: what changes, until when, and what ends it."""
        return [*self._rate_in_full(), *self._waiver_in_full(), *self._bears_interest()]

    def _is_lower(self) -> bool:
        return self.plan.terms.annual_rate < self.contract_rate

    def _rate_in_short(self) -> list[str]:
        text, rate = self.text, self.plan.terms.annual_rate
        if not self._is_lower():
            return []
        if not rate:
            return [text("No further interest is added.")]
        return [text("The rate is {rate} a year instead of {contract}.", **self._rates())]

    def _rate_in_full(self) -> list[str]:
        text, rate = self.text, self.plan.terms.annual_rate
        if not self._is_lower():
            return []
        if not rate:
            return [
                text(
                    "No further interest is added while you keep the plan; if it ends early, the "
                    "rate of the contract, {contract} a year, applies again from then on.",
                    contract=self._rates()["contract"],
                )
            ]
        return [
            text(
                "While you keep the plan, the rate is {rate} a year instead of {contract}; if it "
                "ends early, the rate of the contract applies again from then on.",
                **self._rates(),
            )
        ]

    def _rates(self) -> dict[str, str]:
        language = self.text.language
        return {
            "rate": formats.percent(self.plan.terms.annual_rate, language),
            "contract": formats.percent(self.contract_rate, language),
        }

    def _waiver_in_short(self) -> list[str]:
        text, waived = self.text, self.plan.waived.total
        if not waived:
            return []
        amount = self.speech.amount(waived)
        if self.speech.rhythm.count == 1:
            return [text("{amount} of what you owe is given up once that is paid.", amount=amount)]
        return [
            text(
                "{amount} of what you owe is given up once the plan has been kept to the end.",
                amount=amount,
            )
        ]

    def _waiver_in_full(self) -> list[str]:
        text, waived = self.text, self.plan.waived.total
        if not waived:
            return []
        values = {"items": self._items(), "amount": self.speech.amount(waived)}
        if self.speech.rhythm.count == 1:
            final = text(
                "Of what you owe, {amount} is given up: {items}. That is final once the payment "
                "has arrived in full; if it does not, all of it stays owed.",
                **values,
            )
        else:
            final = text(
                "Of what you owe, {amount} is given up: {items}. That is final once the plan has "
                "been kept to the end; if it ends early, all of it is owed again.",
                **values,
            )
        return [final]

    def _items(self) -> str:
        text = self.text
        items = [
            text(
                "{amount} of {component}",
                amount=self.speech.amount(amount),
                component=terms.component(component, text.language),
            )
            for component, amount in self.plan.waived.items()
            if amount
        ]
        return formats.listed(items, text.language)

    def _bears_interest(self) -> list[str]:
        """Name every interest that joins the principal: it must be told (rule CN-CLASS-03)."""
        text, said = self.text, []
        if self.plan.capitalised:
            said.append(
                text(
                    "{amount} of interest that you already owe is added to the principal and from "
                    "then on bears interest itself.",
                    amount=self.speech.amount(self.plan.capitalised),
                )
            )
        if any(self.plan.schedule.columns.capitalised):
            said.append(
                text(
                    "The interest of the months without payment is added to what you owe and then "
                    "bears interest itself."
                )
            )
        return said
