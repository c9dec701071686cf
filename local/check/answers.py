"""What can be wrong with answers.yaml: names, languages, Jinja2, values, words, and how it sounds when it is read."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from local.check.aloud import check_aloud
from local.check.facts import TEXT, Facts, Many, Value, customer_facts, voice_facts
from local.check.problem import Problem, one_of, read_text
from local.check.templates import TAG, avoided, check_jinja, hide
from local.check.yaml_lines import Path_, Sheet
from rapport.adapters.content import Voice
from rapport.domain.sayings import SAYINGS
from rapport.domain.sayings import Facts as Declared


class Sentence(NamedTuple):
    """One sentence in one language; `source` begins in the line behind `above`."""

    name: str
    language: str
    source: str
    above: int
    path: Path_


def check_answers(directory: Path, said: dict[str, dict[str, str]], sheet: Sheet, voice: Voice | None) -> list[Problem]:
    """Every mistake in what we answer."""
    found = [*check_names(said, sheet), *check_languages(said, sheet, voice)]
    lines = read_text(directory, sheet.file).split("\n")
    for name, worded in said.items():
        for language, text in worded.items():
            sentence = written((name, language), text, sheet, lines)
            found += check_sentence(sentence, sheet, voice)
    return found


def check_names(said: Mapping[str, Any], sheet: Sheet) -> Iterator[Problem]:
    """Sentences that nothing says, and those that are missing."""
    for name in said.keys() - SAYINGS.keys():
        yield sheet.problem((name,), f"nothing says it; {one_of(name, SAYINGS)}")
    for name in SAYINGS.keys() - said.keys():
        yield sheet.problem((name,), "missing; expected what we say then, in every language of voice.yaml")


def check_languages(said: Mapping[str, Mapping[str, str]], sheet: Sheet, voice: Voice | None) -> Iterator[Problem]:
    """Languages that the voice hasn't, and those that a sentence lacks."""
    if voice is None:
        return
    for name, worded in said.items():
        for language in worded.keys() - voice.languages.keys():
            text = f"{language} is not in the languages of voice.yaml; {one_of(language, voice.languages)}"
            yield sheet.problem((name, language), text)
        for language in voice.languages.keys() - worded.keys():
            yield sheet.problem((name, language), f"missing; expected the sentence in {language} as well")


def written(path: tuple[str, str], text: str, sheet: Sheet, lines: list[str]) -> Sentence:
    """The sentence as it stands in the file: where YAML folds lines into one, with its lines."""
    node = sheet.nodes[path]
    if isinstance(node, yaml.ScalarNode) and node.style in (">", "|"):
        first, last = node.start_mark.line + 1, node.end_mark.line + 1
        source = "\n".join(lines[first:last])
        while last > first and source.split() != text.split():
            last -= 1
            source = "\n".join(lines[first:last])
        if source.split() == text.split():
            return Sentence(*path, source, first, path)
    return Sentence(*path, text, node.start_mark.line, path)


def check_sentence(sentence: Sentence, sheet: Sheet, voice: Voice | None) -> Iterator[Problem]:
    """What one sentence says, and how long it is."""
    if not sentence.source.strip():
        yield sheet.problem(sentence.path, "empty; expected the words that are to be sent")
        return
    place = sheet.place(sentence.path)
    broken = [*check_jinja(sheet.file, sentence.source, sentence.above, known_to(sentence.name, voice))]
    for each in broken:
        yield Problem(each.file, each.line, f"{place}: {each.place}" if each.place else place, each.text)
    for line, words in avoided(TAG.sub(hide, sentence.source), voice):
        yield Problem(
            sheet.file, line + sentence.above, place, f"expected other words than {words!r}: the voice avoids it"
        )
    if not broken and voice and sentence.language in voice.languages and sentence.name in SAYINGS:
        for text in check_aloud(sentence.name, sentence.language, sentence.source, voice):
            yield sheet.problem(sentence.path, text)


def known_to(name: str, voice: Voice | None) -> Facts:
    """What the sentence may speak of; of one that nothing says, nobody knows."""
    if name not in SAYINGS:
        return {}
    return {**facts_of(SAYINGS[name]), "customer": customer_facts(), "voice": voice_facts(voice), "language": TEXT}


def facts_of(declared: Declared) -> Facts:
    """The facts as the checks know them."""
    facts: dict[str, Facts | Value] = {}
    for name, kind in declared.items():
        if isinstance(kind, str):
            facts[name] = Value(kind.rstrip("?"), empty=kind.endswith("?"))
        elif isinstance(kind, tuple):
            facts[name] = TEXT
        else:
            facts[name] = Many("list", each=facts_of(kind[0]))
    return facts
