"""Collects every sentence of the program into the catalogues and compiles them.

    python tools/messages.py            update the .po files from the source, compile the .mo files
    python tools/messages.py --check    change nothing; say what is missing or out of date

Both exit with 1 when a sentence has no translation. A sentence is a literal in a call of `Words`
(`words(language)("...")`, `say("...")`, `say.plural(...)`, `say.label("context", "...")`) or inside
the markers `message("...")` and `label("context", "...")`.
"""

from __future__ import annotations

import ast
import io
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from problem_sentences import problem_files, templates

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
LOCALES = SOURCE / "plan_assistant" / "locales"
DOMAIN = "plan_assistant"
TRANSLATED = ("zh",)
"""English needs no catalogue: its sentences are the ids."""
PROBLEMS = LOCALES / "problems.json"
"""The templates by which a finished sentence about wrong input is found again."""
PROBLEM = "problem"
"""Their context in the catalogues."""

# A date in the header would change the files at every run.
_ALWAYS = datetime(2026, 1, 1, tzinfo=UTC)
_HEADER = """\
# Sentences of plan-assistant in this language. Ids are whole English sentences.
# Write translations here; everything else is kept up to date by `make messages`."""

MessageId = str | tuple[str, str]


@dataclass(frozen=True)
class Found:
    """A sentence in the source."""

    id: MessageId
    """The sentence, or its singular and plural."""
    context: str | None
    file: str
    line: int


class NotLiteral(Exception):
    """A sentence is put together at run time, so no catalogue can hold it."""


def extract(source: Path = SOURCE) -> list[Found]:
    """Return every sentence of the Python files below a folder, in the order of files and lines."""
    found = _problems(source)
    for path in sorted(source.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        if _speaks_at_all(tree):
            name = path.relative_to(source.parent).as_posix()
            found += sorted(_Finder(tree, name).found(), key=lambda item: item.line)
    return found


def _problems(source: Path) -> list[Found]:
    """Return the sentences about wrong input; see `problem_sentences.py`."""
    return [
        Found(item.text, PROBLEM, path.relative_to(source.parent).as_posix(), item.line)
        for path in problem_files(source / "plan_assistant")
        for item in templates(path)
    ]


def problems_bytes(found: Sequence[Found]) -> bytes:
    """Return the list of those sentences as the program reads it."""
    ids = sorted({str(item.id) for item in found if item.context == PROBLEM})
    return (json.dumps(ids, ensure_ascii=False, indent=0) + "\n").encode()


def _speaks_at_all(tree: ast.Module) -> bool:
    """Say whether a module can hold sentences: it imports them, or a screen that speaks."""
    return any(
        isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith(("plan_assistant.wording.words", "plan_assistant.ui"))
        for node in ast.walk(tree)
    )


class _Finder:
    """Finds the sentences of one module."""

    def __init__(self, tree: ast.Module, file: str) -> None:
        self._tree = tree
        self._file = file
        self._makers = {"words"}
        self._speakers: set[str] = set()
        self._markers = {"message": "message", "label": "label"}
        for node in ast.walk(tree):
            self._learn(node)

    def _learn(self, node: ast.AST) -> None:
        """Remember the names that hold `Words`, and other names of the markers."""
        match node:
            case ast.Assign(targets=[target], value=value):
                pairs = [(target, value)]
                if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                    pairs = list(zip(target.elts, value.elts, strict=False))
                for name, given in pairs:
                    if isinstance(given, ast.Call) and _last_name(given.func) in self._makers:
                        self._speakers.add(_last_name(name))
                    elif isinstance(given, ast.Name) and given.id in self._markers:
                        self._markers[_last_name(name)] = self._markers[given.id]
            case ast.arg(arg=name, annotation=annotation) if _is_words(annotation):
                self._speakers.add(name)
            case ast.AnnAssign(target=target, annotation=annotation) if _is_words(annotation):
                self._speakers.add(_last_name(target))
            case ast.FunctionDef(name=name, returns=returns) if _is_words(returns):
                self._speakers.add(name)
                self._makers.add(name)

    def found(self) -> Iterator[Found]:
        # A property `say` that returns Words may come from a base class in another module.
        speakers = self._speakers | {"say"}
        for node in ast.walk(self._tree):
            if not isinstance(node, ast.Call):
                continue
            match node:
                case ast.Call(func=ast.Name(id=name), args=[*args]) if name in self._markers:
                    if self._markers[name] == "message":
                        yield from self._sentences(args[0])
                    else:
                        yield from self._sentences(args[1], context=self._text(args[0]))
                case ast.Call(
                    func=ast.Attribute(value=owner, attr="plural"), args=[one, many, *_]
                ) if self._speaks(owner, speakers):
                    if isinstance(one, ast.Constant) and isinstance(many, ast.Constant):
                        yield self._item((str(one.value), str(many.value)), None, node)
                case ast.Call(
                    func=ast.Attribute(value=owner, attr="label"), args=[context, text]
                ) if self._speaks(owner, speakers) and isinstance(text, ast.Constant):
                    yield from self._sentences(text, context=self._text(context))
                case ast.Call(func=func, args=[sentence, *_]) if self._speaks(func, speakers):
                    yield from self._sentences(sentence)

    def _speaks(self, node: ast.expr, speakers: set[str]) -> bool:
        if isinstance(node, ast.Call):
            return _last_name(node.func) in self._makers
        return _last_name(node) in speakers

    def _sentences(self, node: ast.expr, context: str | None = None) -> Iterator[Found]:
        match node:
            case ast.Constant(value=str(text)):
                yield self._item(text, context, node)
            case ast.IfExp(body=body, orelse=orelse):
                yield from self._sentences(body, context)
                yield from self._sentences(orelse, context)
            case ast.JoinedStr() | ast.BinOp():
                raise NotLiteral(
                    f"{self._file}:{node.lineno}: write the sentence with named placeholders"
                )

    def _text(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        raise NotLiteral(f"{self._file}:{node.lineno}: the context of a label is a literal")

    def _item(self, text: MessageId, context: str | None, node: ast.expr) -> Found:
        return Found(text, context, self._file, node.lineno)


def _are_texts(*nodes: ast.expr) -> bool:
    return all(isinstance(node, ast.Constant) and isinstance(node.value, str) for node in nodes)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_words(annotation: ast.expr | None) -> bool:
    return annotation is not None and _last_name(annotation) == "Words"


def po_path(language: str) -> Path:
    """Return where the translations of a language are written."""
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read_catalogue(language: str) -> Catalog:
    """Return the translations of a language as they stand in its .po file."""
    path = po_path(language)
    if not path.exists():
        return _empty(language)
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language, domain=DOMAIN)
    return _fixed(catalogue)


def _empty(language: str) -> Catalog:
    return _fixed(Catalog(locale=language, domain=DOMAIN))


def _fixed(catalogue: Catalog) -> Catalog:
    catalogue.project, catalogue.version = "plan-assistant", "1"
    catalogue.creation_date = catalogue.revision_date = _ALWAYS
    catalogue.last_translator, catalogue.language_team = "plan-assistant", "plan-assistant"
    catalogue.msgid_bugs_address = "plan-assistant"
    catalogue.header_comment, catalogue.fuzzy = _HEADER, False
    return catalogue


def updated(language: str, found: Sequence[Found]) -> Catalog:
    """Return the catalogue with the sentences of the source and what is translated of them."""
    before, after = read_catalogue(language), _empty(language)
    for item in found:
        known = before.get(_first(item), item.context)
        string = known.string if known is not None and _same_shape(known, item) else ""
        after.add(item.id, string, locations=[(item.file, 0)], context=item.context)
    return after


def _same_shape(known: Message, item: Found) -> bool:
    return isinstance(known.id, tuple) is isinstance(item.id, tuple)


def po_bytes(catalogue: Catalog) -> bytes:
    """Return the .po file of a catalogue."""
    stream = io.BytesIO()
    write_po(stream, catalogue, width=100, include_lineno=False, sort_by_file=False)
    return stream.getvalue()


def mo_bytes(catalogue: Catalog) -> bytes:
    """Return the compiled catalogue."""
    stream = io.BytesIO()
    write_mo(stream, catalogue)
    return stream.getvalue()


def faults(catalogue: Catalog, found: Sequence[Found]) -> list[str]:
    """Return what readers would stumble over: no translation, or other placeholders in it."""
    said = []
    for item in {(entry.id, entry.context): entry for entry in found}.values():
        first, place = _first(item), f"{item.file}:{item.line}"
        strings = _strings(catalogue.get(first, item.context))
        if not strings or not all(strings):
            said.append(f"{place}: no {catalogue.locale} for {first!r}")
            continue
        wanted = _placeholders(item.id[-1] if isinstance(item.id, tuple) else item.id)
        said += [
            f"{place}: {first!r} fills {sorted(wanted)}, its translation {sorted(filled)}"
            for filled in map(_placeholders, strings)
            if filled != wanted
        ]
    return said


def _first(item: Found) -> str:
    return item.id[0] if isinstance(item.id, tuple) else item.id


def _strings(message: Message | None) -> list[str]:
    if message is None:
        return []
    string = message.string
    return [string] if isinstance(string, str) else list(string or ())


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def main(arguments: Sequence[str]) -> int:
    """Update or check the catalogues and return an exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write(f"{__doc__}\n")
        return 2
    found = extract()
    said: list[str] = []
    wanted = {PROBLEMS: problems_bytes(found)}
    for language in TRANSLATED:
        catalogue = updated(language, found)
        said += faults(catalogue, found)
        wanted[po_path(language)] = po_bytes(catalogue)
        wanted[po_path(language).with_suffix(".mo")] = mo_bytes(catalogue)
    for path, content in wanted.items():
        if path.exists() and path.read_bytes() == content:
            continue
        if arguments:
            said.append(f"{path.relative_to(ROOT)} is out of date: run `make messages`")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")
    sys.stderr.writelines(f"{line}\n" for line in said)
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
