"""Plans with every lever, as they are proposed and read back: parsed again and held to the rows."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.case import Case
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.events import Json
from plan_assistant.domain.money import CNY
from plan_assistant.domain.offers.plan import Family, Plan, Reason
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.terms import Amortization, ArrearsTreatment, PaymentStep
from plan_assistant.services.call_facts import plan_facts
from plan_assistant.wording import formats, script
from plan_assistant.wording.course import plan_changes, plan_course
from plan_assistant.wording.rhythm import rhythm_of
from plan_assistant.wording.spoken_plan import spoken_plan
from tests.lever_plans import combinations, lever_plan
from tests.packs import CN
from tests.wording.figures import figures
from tests.wording.samples import LANGUAGES, assert_same_figures, reshaped

_LEVERS = combinations()
_MOST_RUNS = 5
_RELIEF = re.compile(r"\brelie[fv]|lighten|减负|减轻|减压|优惠", re.IGNORECASE)
_DENIED = re.compile(r"Not relief|whether this is relief|并未减轻负担|是否减轻了负担")
"""How a comparison says that a payment rises or is not known."""
_AMOUNT = r"([\d,]+\.\d\d) yuan"


def spoken(levers: tuple[str, ...], language: str = "en") -> str:
    case, plan = lever_plan(levers)
    return script.say(plan, case, language)


def read(levers: tuple[str, ...], language: str = "en") -> tuple[str, ...]:
    case, plan = lever_plan(levers)
    return script.read_back(plan, case, language)


def payments_read(lines: tuple[str, ...]) -> list[int]:
    """Return every payment that a read-back names run by run, in cents."""
    paid: list[int] = []
    for line in lines:
        if match := re.match(rf"There are (\d+) payments of {_AMOUNT} [^,;]+, the first on", line):
            count, usual = int(match[1]), _cents(match[2])
            last = re.search(rf"; the last, on [^,]+, is {_AMOUNT}\.", line)
            paid += [usual] * (count - 1) + [_cents(last[1]) if last else usual]
        elif match := re.match(rf"From .+: (\d+) payments of {_AMOUNT} each\.", line):
            paid += [_cents(match[2])] * int(match[1])
        elif match := re.match(rf"On .+: {_AMOUNT}\.", line):
            paid.append(_cents(match[1]))
    return paid


def _cents(text: str) -> int:
    return CNY.parse(text.replace(",", "")).minor


def installments(plan: Plan) -> list[int]:
    rows = plan.schedule.rows[plan.schedule.has_down_payment :]
    return [row.payment.minor for row in rows if row.payment]


@pytest.mark.parametrize("levers", _LEVERS, ids=" + ".join)
def test_both_languages_say_the_same_figures(levers: tuple[str, ...]) -> None:
    case, plan = lever_plan(levers)

    assert_same_figures(case, plan)


@pytest.mark.parametrize("levers", _LEVERS, ids=" + ".join)
def test_the_payments_that_are_read_back_are_those_of_the_schedule(levers: tuple[str, ...]) -> None:
    _, plan = lever_plan(levers)
    lines = read(levers)

    if len(plan.schedule.runs) <= _MOST_RUNS:
        assert payments_read(lines) == installments(plan)
    else:
        summary = f"There are {len(installments(plan))} payments of different"
        assert any(summary in line for line in lines)
    text = "\n".join(lines)
    assert formats.long_day(plan.first_due, "en") in text
    assert formats.long_day(plan.last_due, "en") in text
    assert formats.spoken_money_in_full(plan.total, "en") in text


@pytest.mark.parametrize("levers", _LEVERS, ids=" + ".join)
def test_the_proposal_names_only_figures_of_the_plan(levers: tuple[str, ...]) -> None:
    case, plan = lever_plan(levers)
    schedule = plan.schedule
    told = rhythm_of(schedule)
    rates = (plan.terms.annual_rate, case.lead_debt.annual_rate)
    amounts = {
        *(row.payment for row in schedule.rows),
        *(row.payment - row.arrears for row in schedule.rows),
        told.first_carries,
        told.last_carries,
        schedule.down_payment,
        plan.waived.total,
        plan.capitalised,
    }
    days = [row.due for row in schedule.rows if row.due]
    known = {formats.short_money(amount, "en") for amount in amounts}
    known |= {formats.points(rate, "en") for rate in rates}
    known |= {str(part) for day in days for part in (day.day, day.month, day.year)}
    known |= {str(count) for count in (*range(1, len(schedule.rows) + 1), case.budget.payday)}

    assert set(figures(spoken(levers))) <= known


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("levers", _LEVERS, ids=" + ".join)
def test_what_changes_is_proposed_and_read_back(levers: tuple[str, ...], language: str) -> None:
    case, plan = lever_plan(levers)
    in_full = "\n".join(read(levers, language))
    in_short = spoken(levers, language)
    contract = case.lead_debt.annual_rate

    for amount in (plan.waived.total, plan.capitalised):
        if amount:
            assert formats.spoken_money(amount, language) in in_short
            assert formats.spoken_money_in_full(amount, language) in in_full
    for _, amount in plan.waived.items():
        if amount:
            assert formats.spoken_money_in_full(amount, language) in in_full
    if plan.terms.annual_rate < contract:
        assert formats.percent(contract, language) in in_full
    if 0 < plan.terms.annual_rate < contract:
        assert formats.percent(plan.terms.annual_rate, language) in in_full
        assert formats.percent(plan.terms.annual_rate, language) in in_short


def test_a_step_up_is_said_as_so_many_and_then_so_many() -> None:
    case, plan = lever_plan(("step-up",))
    (before, low), (after, level), *_ = plan.schedule.runs
    after += plan.schedule.number_of_payments - before - after

    said = script.say(plan, case, "en")

    assert said.startswith(
        f"That would be {before} payments of {formats.short_money(low, 'en')} yuan on the 15th of "
        f"each month, starting 15 December 2026; then {after} payments of "
        f"{formats.short_money(level, 'en')} yuan."
    )
    assert f"先还{before}期每期{formats.short_money(low, 'zh')}元，之后{after}期每期" in script.say(
        plan, case, "zh"
    )


@pytest.mark.parametrize(
    ("lever", "english", "chinese"),
    [
        ("weekly", "every Friday, starting", "每周五还"),
        ("biweekly", "every second Friday, starting", "每两周的周五还"),
    ],
)
def test_payments_by_weeks_name_the_weekday(lever: str, english: str, chinese: str) -> None:
    assert english in spoken((lever,))
    assert chinese in spoken((lever,), "zh")
    assert "of each month" not in "".join(read((lever,)))


def test_a_waiver_is_final_only_as_the_clause_says() -> None:
    waiver, single = ("waiver",), ("waiver", "one payment")

    assert "is given up once the plan has been kept to the end." in spoken(waiver)
    assert "is given up once that is paid." in spoken(single)
    line = next(text for text in read(waiver) if "is given up" in text)
    assert line == (
        "Of what you owe, 905.00 yuan is given up: 480.00 yuan of penalty interest, 425.00 yuan of "
        "fees. That is final once the plan has been kept to the end; if it ends early, all of it "
        "is owed again."
    )
    assert any("once the payment has arrived in full" in text for text in read(single))
    assert any("罚息480.00元、费用425.00元" in text for text in read(waiver, "zh"))


def test_after_a_waiver_the_rate_is_counted_on_what_is_left() -> None:
    left = "Counted on the 47,945.00 yuan that is left to repay"

    assert any(left in text for text in read(("waiver",)))
    assert any("Counted on everything you owe today" in text for text in read(()))


def test_old_interest_that_bears_interest_is_said_for_what_it_is() -> None:
    said = "2,400.00 yuan of interest that you already owe is added to the principal"

    assert any(said in text for text in read(("capitalised",)))
    assert not any("months without payment is added" in text for text in read(("capitalised",)))
    both = read(("capitalised", "deferral capitalised"))
    assert any(said in text for text in both)
    assert any("months without payment is added" in text for text in both)


@pytest.mark.parametrize(("lever", "place"), [("first", "first"), ("last", "last")])
def test_old_charges_on_one_payment_are_explained(lever: str, place: str) -> None:
    case, plan = lever_plan((lever,))
    charges = formats.short_money(plan.schedule.total_arrears, "en")

    assert f"The {place} one is " in script.say(plan, case, "en")
    assert f"because it also carries {charges} yuan of interest" in script.say(plan, case, "en")
    carried = f"The {place} payment carries {charges}.00 yuan of interest"
    assert any(carried in text for text in read((lever,)))


def test_a_round_payment_names_its_smaller_last_one() -> None:
    case, plan = lever_plan(("hundreds",))
    last = formats.short_money(plan.schedule.last_payment, "en")

    assert plan.schedule.last_payment != plan.schedule.regular_payment
    assert f"The last one is {last} yuan." in script.say(plan, case, "en")


@pytest.mark.parametrize("levers", _LEVERS, ids=" + ".join)
def test_the_short_line_holds_every_payment_and_every_change(levers: tuple[str, ...]) -> None:
    case, plan = lever_plan(levers)
    short = plan_course(plan, "en")
    paid = [
        (_cents(amount), int(count))
        for amount, count in re.findall(r"([\d,]+\.\d\d) x (\d+)", short)
    ]

    if len(plan.schedule.runs) <= _MOST_RUNS:
        total = sum(amount * count for amount, count in paid) + plan.schedule.down_payment.minor
        rounding = 2 * plan.schedule.number_of_payments
        assert abs(total - plan.total.minor) <= rounding
    assert sum(count for _, count in paid) == plan.schedule.number_of_payments
    changed = plan_changes(plan, case.lead_debt.annual_rate, "en")
    assert bool(plan.waived.total) is any("waives" in text for text in changed)
    assert bool(plan.capitalised) is any("joins principal" in text for text in changed)
    assert figures(short) == figures(plan_course(plan, "zh"))
    assert [figures(text) for text in changed] == [
        figures(text) for text in plan_changes(plan, case.lead_debt.annual_rate, "zh")
    ]


@given(
    principal=st.integers(300_000, 30_000_000),
    arrears=st.integers(0, 3_000_000),
    periods=st.integers(2, 60),
    rate=st.integers(0, 24),
    share=st.integers(60, 95),
    step=st.integers(0, 24),
    multiple=st.sampled_from([None, "10.00", "100.00"]),
    treatment=st.sampled_from(list(ArrearsTreatment)),
)
def test_any_plan_is_read_back_to_the_cent(
    principal: int,
    arrears: int,
    periods: int,
    rate: int,
    share: int,
    step: int,
    multiple: str | None,
    treatment: ArrearsTreatment,
) -> None:
    case, plan = lever_plan(())
    terms = plan.terms.with_(
        principal=CNY.money(principal),
        annual_rate=Fraction(rate, 100),
        periods=periods,
        arrears=CNY.money(arrears) if arrears else None,
        arrears_treatment=treatment,
    )
    if 0 < step < periods:
        low = price(terms.with_(arrears=None)).regular_payment.minor * share // 100
        terms = terms.with_(
            payment_steps=(PaymentStep(step, CNY.money(low)), PaymentStep(periods - step, None))
        )
    try:
        made = reshaped(plan, terms)
        if multiple:
            made = reshaped(plan, terms.with_(payment_multiple_of=CNY.parse(multiple)))
    except InvalidTerms:
        return  # too small a payment for its interest, or too round for its number

    lines = script.read_back(made, case, "en")

    if len(made.schedule.runs) <= _MOST_RUNS:
        assert payments_read(lines) == installments(made)
    assert_same_figures(case, made)


def test_nothing_that_is_said_calls_a_plan_relief() -> None:
    for levers in _LEVERS:
        case, plan = lever_plan(levers)
        for language in LANGUAGES:
            assert not _RELIEF.search(_everything(case, plan, language))


def test_no_text_of_the_program_calls_anything_relief() -> None:
    """Only titles of rules and sentences that deny it name the word, to say what is none."""
    package = Path(str(resources.files("plan_assistant")))
    texts = [*package.rglob("*.po"), *package.rglob("clauses/*.toml"), *package.rglob("*.typ")]

    assert len(texts) > 5
    for path in texts:
        lines = path.read_text(encoding="utf-8").splitlines()
        said = [_DENIED.sub("", line) for line in lines if line[:1] != "#"]
        assert not [line for line in said if _RELIEF.search(line)], path
    assert not any(_RELIEF.search(reason.value) for reason in Reason)


def _everything(case: Case, plan: Plan, language: str) -> str:
    return "\n".join([script.say(plan, case, language), *script.read_back(plan, case, language)])


def test_a_family_without_further_interest_says_so_once() -> None:
    case, plan = lever_plan(("no interest",))
    other = replace(plan, family=Family.EQUAL_INSTALLMENT)

    for made in (plan, other):
        assert script.say(made, case, "en").count("No further interest is added.") == 1


def test_an_offer_recorded_before_the_levers_is_still_told() -> None:
    older: dict[str, Json] = {
        "family": "equal_installment",
        "payment": "2308.99",
        "payments": 24,
        "grace_months": 0,
        "first_due": "2026-12-15",
        "down_payment": "0.00",
        "total": "57415.75",
        "currency": "CNY",
    }

    assert spoken_plan(older, "en") == "Level 2308.99 x 24"
    assert spoken_plan(None, "en") == "-"


@pytest.mark.parametrize("language", LANGUAGES)
def test_many_different_payments_are_told_from_first_to_last(language: str) -> None:
    _, plan = lever_plan(())
    falling = reshaped(plan, plan.terms.with_(amortization=Amortization.EQUAL_PRINCIPAL))
    facts = plan_facts(falling, Fraction(18, 100), CN)
    first, last = falling.schedule.first_payment, falling.schedule.last_payment

    text = spoken_plan(facts, language)

    for amount in (first, last):
        assert formats.money(amount, language) in text
    assert text.endswith("x 24")
    assert plan_course(falling, language) in text
