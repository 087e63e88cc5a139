"""The first payment falls inside the days that the pack leaves open for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from plan_assistant.domain.offers.brute_force import differences, recount
from plan_assistant.domain.offers.search import Search
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.findings import Days, Effect
from tests.builders import TODAY, case
from tests.domain.offers.spaces import space_with
from tests.packs import CN


def space_between(least: int, most: int, wishes: Wishes | None = None, **levers: object) -> Space:
    """Return a space whose first payment falls from so many days on, and up to so many."""
    days = {"first_payment_min_days": least, "first_payment_max_days": most}
    levers = {"max_periods": 6, "graces": (1,), "multiples": (), **days, **levers}
    pack = CN.model_copy(update={"space": CN.space.model_copy(update=levers)})
    return space_with(case(), pack=pack, wishes=wishes)


def test_no_later_due_day_is_searched_than_the_pack_allows() -> None:
    every = space_between(7, 100, first_payments=3).first_dues
    space = space_between(7, (every[1] - TODAY).days, first_payments=3)

    search = Search(space)

    assert space.first_dues == every[:2]
    assert search.certificate.searched.first_dues == every[:2]
    assert differences(search, recount(space)) == ()


def test_a_dialled_date_later_than_the_pack_allows_is_granted_by_nobody() -> None:
    last = TODAY + timedelta(days=40)
    inside = Search(space_between(7, 40, Wishes(first_due=last)))
    beyond = Search(space_between(7, 40, Wishes(first_due=last + timedelta(days=1))))

    assert inside.offers.plans
    assert beyond.offers.plans == ()
    assert beyond.certificate.rejected.keys() == {"DES-02-first"}
    assert beyond.certificate.rejected["DES-02-first"] == beyond.certificate.candidates
    assert differences(beyond, recount(beyond.space)) == ()
    blocked = next(one for one in beyond.offers.refusals[0].findings if one.rule == "DES-02-first")
    assert (blocked.effect, blocked.limit, blocked.actual) == (Effect.BLOCK, Days(40), Days(41))


def test_a_borrower_may_pay_sooner_than_a_first_payment_is_proposed() -> None:
    tomorrow = TODAY + timedelta(days=1)

    assert space_between(7, 40, Wishes(first_due=tomorrow)).first_dues == (tomorrow,)


def test_no_first_payment_is_due_today() -> None:
    space = space_between(0, 31, Wishes(due_day=TODAY.day))

    assert space.first_dues[0] > TODAY


def test_every_day_of_the_year_has_a_due_day_in_the_shortest_window_a_pack_may_have() -> None:
    for offset in range(366):
        today = date(2027, 1, 1) + timedelta(days=offset)
        for due_day in (1, 15, 28):
            space = replace(space_between(7, 37, Wishes(due_day=due_day)), today=today)

            (first,) = space.first_dues

            assert timedelta(days=7) <= first - today <= timedelta(days=37)
