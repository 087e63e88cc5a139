"""Invented personal data that stands nowhere else, so that any byte of it is found where it leaks.

A canary is looked for in UTF-8, in UTF-16, as JSON escapes it, and in base64.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from plan_assistant.domain.case import Case, CaseId, Person
from plan_assistant.domain.personal import Personal
from tests import builders

NAME = "鬯彧龢"
ID_NUMBER = "629183199503274610"
PHONE = "17094628351"
ADDRESS = "虚构省无名市隐巷区鹮鹤路739号"
ACCOUNT = "Q7X4ZK"
NOTE = "鼯鼠胡同的表姐替她还过两期"
SENTENCE = "她说鹳雀楼的铺面下月转让"
LABEL = "鸲鹆茶庄工资"
EVIDENCE = "鹡鸰医院诊断书"
RECORDING = "REC-鹈鹕-5521"
LENDER = "鸬鹚巷的表舅"

CANARIES: Mapping[str, str] = {
    "name": NAME,
    "ID number": ID_NUMBER,
    "phone": PHONE,
    "address": ADDRESS,
    "account": ACCOUNT,
    "note": NOTE,
    "sentence": SENTENCE,
    "label": LABEL,
    "evidence": EVIDENCE,
    "recording": RECORDING,
    "lender": LENDER,
}


def canary_case(case_id: str = "K-1") -> Case:
    """Return the usual invented case with a canary in every personal field."""
    usual = builders.case()
    (debt,) = usual.debts
    income, *others = usual.budget.incomes
    return replace(
        usual,
        case_id=CaseId(case_id),
        borrower=Person.of(NAME, ID_NUMBER, PHONE, ADDRESS),
        debts=(replace(debt, account_tail=ACCOUNT, lender=LENDER),),
        budget=replace(usual.budget, incomes=(replace(income, label=LABEL), *others)),
        hardships=tuple(replace(item, evidence=(EVIDENCE,)) for item in usual.hardships),
        willingness=replace(usual.willingness, recording=RECORDING),
        note=Personal(NOTE),
    )


def found_in(content: bytes, canaries: Mapping[str, str] = CANARIES) -> list[str]:
    """Return the names of the canaries that those bytes hold in one of the usual spellings."""
    return [name for name, text in canaries.items() if any(s in content for s in spelled(text))]


def spelled(text: str) -> Iterable[bytes]:
    """Yield the bytes that a text leaves in each spelling."""
    yield text.encode()
    yield text.encode("utf-16-le")
    yield json.dumps(text)[1:-1].encode()
    # Base64 of a text inside another depends on where it begins: three ways, of which the
    # letters count that hold nothing of what stands around it. Fewer stand in ciphertext by chance.
    content = text.encode()
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + content)
        yield coded[-(-8 * shift // 6) : 8 * (shift + len(content)) // 6]


def leaks(folder: Path, *, except_for: Iterable[str] = ()) -> dict[str, list[str]]:
    """Return the canaries in every file below a folder, file names included."""
    allowed = tuple(except_for)
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith(allowed or ("\0",)):
            inside = found_in(path.read_bytes() + path.name.encode())
            if inside:
                found[path.name] = inside
    return found
