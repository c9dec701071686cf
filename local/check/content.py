"""Finds the mistakes in a content folder before it is deployed, each with its file and line."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from phonenumbers import SUPPORTED_REGIONS
from pydantic import BaseModel, ValidationError

from local.check.answers import check_answers
from local.check.expectations import COUNTRY, bare_numbers, explain
from local.check.facts import Facts, event_types
from local.check.journeys import Surroundings, check_journey, check_type, declared_by_each, spoken_by
from local.check.phrases import check_plain_words, check_replies
from local.check.problem import Problem, UnreadableError
from local.check.templates import House, avoided, check_templates
from local.check.yaml_lines import Sheet, read_sheet
from rapport.adapters.content import CATALOGUE, SENTENCES, Voice
from rapport.domain.dialogue import Rules
from rapport.domain.event import Catalogue
from rapport.domain.journey import Journey
from rapport.domain.plain_words import PlainWords
from rapport.domain.policy import Policy
from rapport.domain.replies import Replies

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
CHECKED: dict[tuple[str, bytes | None], list[Problem]] = {}  # what was found in lists of words, by file and text


def problems(directory: Path) -> list[str]:
    """Every mistake in the folder, in the order of files and lines; none when all is well."""
    if not directory.is_dir():
        return [str(Problem(str(directory), 1, "", "there is no such folder; expected the content's"))]
    check = Check(directory)
    check.run()
    return [str(problem) for problem in sorted(set(check.found))]


@dataclass
class Check:
    """Gathers what is found; each file is checked even if others are broken."""

    directory: Path
    found: list[Problem] = field(default_factory=list)

    def run(self) -> None:
        """Checks each file by itself, and then against the others."""
        _, declared = self.read("events.yaml", CATALOGUE.validate_python, None)
        catalogue = None if declared is None else event_types(declared)
        sheet, voice = self.read("voice.yaml", Voice.model_validate, Voice)
        if voice:
            self.found += check_voice(voice, sheet)
        sheet, policy = self.read("policy.yaml", Policy.model_validate, Policy)
        if policy and catalogue is not None:
            self.found += check_troubles(policy, sheet, catalogue)
        if policy:
            self.found += check_countries(policy, sheet)
        self.conversations(voice)
        journeys, all_known = self.journeys(catalogue)
        spoken: dict[str, list[Facts]] = {}
        for journey in journeys:
            for template, facts in spoken_by(journey, catalogue):
                spoken.setdefault(template, []).append(facts)
        self.found += check_templates(House(self.directory, voice, spoken, all_known))

    def read(self, file: str, validate: Callable[[Any], T], model: type[BaseModel] | None) -> tuple[Sheet, T | None]:
        """The file's lines, and what it says when it can be read; what is wrong with its form is found."""
        try:
            sheet, values = read_sheet(self.directory, file)
        except UnreadableError as error:
            self.found.append(error.problem)
            return Sheet(file), None
        self.found += [*sheet.repeated, *bare_numbers(sheet)]
        try:
            return sheet, validate(values)
        except ValidationError as error:
            self.found += explain(error, sheet, model)
        except RecursionError:
            self.found.append(Problem(file, 1, "", "expected values that are not nested so deeply"))
        return sheet, None

    def conversations(self, voice: Voice | None) -> None:
        """What customers may write, and what we say to it."""
        self.words("plain-words.yaml", PlainWords, check_plain_words)
        self.words("replies.yaml", Replies, check_replies)
        self.read("conversation.yaml", Rules.model_validate, Rules)
        sheet, said = self.read("answers.yaml", SENTENCES.validate_python, None)
        if said is not None:
            self.found += check_answers(self.directory, said, sheet, voice)

    def words(self, file: str, model: type[M], check: Callable[[M, Sheet], Iterable[Problem]]) -> None:
        """Lists of customers' words: long ones, so one that has been checked as it stands isn't checked again."""
        path = self.directory / file
        key = (file, path.read_bytes() if path.is_file() else None)
        if key not in CHECKED:
            before = len(self.found)
            sheet, read = self.read(file, model.model_validate, model)
            self.found += check(read, sheet) if read else []
            CHECKED[key] = self.found[before:]
        else:
            self.found += CHECKED[key]

    def journeys(self, catalogue: Catalogue | None) -> tuple[list[Journey], bool]:
        """The journeys that can be read, and whether that is all of them."""
        folder = self.directory / "journeys"
        files = sorted(each.name for each in folder.iterdir() if each.name[0] != ".") if folder.is_dir() else []
        journeys: dict[str, Journey] = {}
        owners: dict[str, str] = {}
        readable = [name for name in files if name.endswith(".yaml")]
        for name in set(files) - set(readable):
            text = "nothing reads it; expected a file whose name ends in .yaml"
            self.found.append(Problem(f"journeys/{name}", 1, "", text))
        if not readable:
            self.found.append(Problem("journeys", 1, "", "there is no journey; expected a file such as check-in.yaml"))
        for name in readable:
            sheet, journey = self.read(f"journeys/{name}", Journey.model_validate, Journey)
            if journey is None:
                continue
            self.found += check_journey(journey, Surroundings(sheet, catalogue, self.directory / "templates"))
            if first := owners.get(journey.journey):
                text = f"expected a name of its own; {first} has the name {journey.journey} already"
                self.found.append(sheet.problem(("journey",), text))
            owners.setdefault(journey.journey, sheet.file)
            journeys[name] = journey
        return list(journeys.values()), len(journeys) == len(readable)


def check_voice(voice: Voice, sheet: Sheet) -> Iterator[Problem]:
    """Languages without a sign-off and sign-offs without a language, and words that the voice itself avoids."""
    if not voice.languages:
        yield sheet.problem(("languages",), "expected at least one language")
    for language in voice.languages.keys() - voice.sign_off.keys():
        yield sheet.problem(("languages", language), f"expected sign_off to have {language} as well")
    for language, words in voice.sign_off.items():
        place = ("sign_off", language)
        if language not in voice.languages:
            yield sheet.problem(place, f"expected languages to have {language} as well")
        for _, avoid in avoided(words, voice):
            yield sheet.problem(place, f"expected other words than {avoid!r}, which the voice avoids")


def check_countries(policy: Policy, sheet: Sheet) -> Iterator[Problem]:
    """Countries that there aren't, or that have no telephone numbers of their own."""
    for index, code in enumerate(policy.spending.countries):
        if code not in SUPPORTED_REGIONS:
            text = f"expected {COUNTRY}, found {code!r}"
            yield sheet.problem(("spending", "countries", index), text)


def check_troubles(policy: Policy, sheet: Sheet, catalogue: Catalogue) -> Iterator[Problem]:
    """Troubles of events that nobody declares, or that don't say what the trouble is about."""
    for name, trouble in policy.troubles.items():
        for key in ("opened_by", "closed_by"):
            for index, event_type in enumerate(getattr(trouble, key)):
                yield from check_type(("troubles", name, key, index), event_type, sheet, catalogue)
        types = [*trouble.opened_by, *trouble.closed_by]
        yield from declared_by_each(("troubles", name, "about"), trouble.about, types, sheet, catalogue)
