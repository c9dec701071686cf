"""What can be wrong within one locale of a bot: its intents, their slots, and what customers may say."""

import re
import unicodedata
from collections.abc import Iterator

from local.bot.written import Written
from local.check.problem import Problem, one_of
from rapport.domain.dialogue import INTENTS

FALLBACK = "AMAZON.FallbackIntent"
FREE_FORM = "AMAZON.FreeFormInput"
LONGEST_UTTERANCE = 500
MOST_UTTERANCES = 1500
LONGEST_MESSAGE = 1000
NAME = re.compile(r"([0-9a-zA-Z][_-]?){1,100}")
SLOT = re.compile(r"\{([^{}]*)\}")
MESSAGES = ("PlainTextMessage", "SSMLMessage", "CustomPayload")
APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}"
# Of Lex's documentation, how-languages: those that it has had for long, and of the newer ones those we could read.
LOCALES = """
    ar_AE ca_ES de_AT de_DE en_AU en_GB en_IN en_US en_ZA es_419 es_ES es_US fi_FI fr_CA fr_FR hi_IN it_IT ja_JP ko_KR
    nl_NL no_NO pl_PL pt_BR pt_PT sv_SE zh_CN zh_HK
    af_ZA ar_SA bg_BG cs_CZ cy_GB da_DK de_CH en_AB en_IE en_NZ en_WL es_MX et_ET fa_IR fr_BE he_IL
"""


def check_locale(locale: Written) -> Iterator[Problem]:
    """Every mistake in the locale."""
    name = locale["LocaleId"].text
    if name not in (known := LOCALES.split()):
        near = [other for other in known if other[:3] == name[:3]]
        text = f"Lex has no locale {name or 'without a name'}; {one_of(name, near or known)}"
        yield locale["LocaleId"].problem("", text)
    intents = locale["Intents"].each()
    if not any(intent["ParentIntentSignature"].text == FALLBACK for intent in intents):
        text = f"there is no fallback intent; expected one with ParentIntentSignature: {FALLBACK}"
        yield locale.problem(name, text)
    yield from check_intents(intents, locale, name)
    types = {kind["Name"].text for kind in locale["SlotTypes"].each()}
    for kind in locale["SlotTypes"].each():
        yield from check_name(kind["Name"], name)
    for intent in intents:
        yield from check_intent(intent, f"{name}.{intent['Name'].text or '?'}", types)
    yield from check_repetitions(intents, name)
    yield from check_messages(locale, name)


def check_intents(intents: list[Written], locale: Written, name: str) -> Iterator[Problem]:
    """Intents that our code has no answer to, that it waits for in vain, or that are there twice."""
    seen: set[str] = set()
    for intent in intents:
        called = intent["Name"].text
        if called in seen:
            yield intent["Name"].problem(f"{name}.{called}", "there is another intent of this name; expected each once")
        elif called not in INTENTS and NAME.fullmatch(called):
            yield intent["Name"].problem(f"{name}.{called}", f"we have no answer to it; {one_of(called, INTENTS)}")
        seen.add(called)
    if len(seen) == len(intents) and seen <= set(INTENTS):
        for missing in sorted(set(INTENTS) - seen):
            yield locale.problem(name, f"there is no intent {missing}; expected one, since the code answers it")


def check_name(name: Written, place: str) -> Iterator[Problem]:
    """A name that Lex doesn't take."""
    if isinstance(name.value, dict):  # CloudFormation works it out
        return
    if not NAME.fullmatch(str(name.value or "")):
        found = f"the name {name.value!r}" if name.value is not None else "nothing"
        text = f"found {found}; expected letters and digits, each followed by one _ or - at most, 100 in all"
        yield name.problem(place, text)


def check_intent(intent: Written, place: str, types: set[str]) -> Iterator[Problem]:
    """An intent's name, slots and utterances."""
    yield from check_name(intent["Name"], place)
    if intent["ParentIntentSignature"].text == FALLBACK:
        for key in ("SampleUtterances", "Slots", "SlotPriorities", "IntentConfirmationSetting"):
            if intent[key].value:
                yield intent[key].problem(place, f"a fallback intent has {key}; expected none, for Lex takes none")
        return
    slots = {slot["Name"].text: slot["SlotTypeName"].text for slot in intent["Slots"].each()}
    yield from check_slots(intent, place, types)
    said = intent["SampleUtterances"]
    if len(said.each()) > MOST_UTTERANCES:
        yield said.problem(place, f"found {len(said.each())} utterances; expected at most {MOST_UTTERANCES}")
    yield from check_utterances(said, place, slots)
    for slot in intent["Slots"].each():
        elicited = slot["ValueElicitationSetting"]["SampleUtterances"]
        if elicited.value and slot["SlotTypeName"].text == FREE_FORM:
            yield elicited.problem(place, f"a slot of type {FREE_FORM} has SampleUtterances; expected none")
        yield from check_utterances(elicited, place, slots)


def check_slots(intent: Written, place: str, types: set[str]) -> Iterator[Problem]:
    """Slots of a type that nobody defines, and slots and priorities that don't go together."""
    slots = {slot["Name"].text for slot in intent["Slots"].each()}
    priorities = {priority["SlotName"].text for priority in intent["SlotPriorities"].each()}
    for slot in intent["Slots"].each():
        name, kind = slot["Name"].text, slot["SlotTypeName"]
        yield from check_name(slot["Name"], place)
        if name not in priorities:
            text = f"slot {name} is not in SlotPriorities; expected every slot there, else Lex builds no bot"
            yield slot.problem(place, text)
        if kind.text not in types and not kind.text.startswith("AMAZON."):
            found = f"slot {name} has the type {kind.text or 'nothing'}, which nobody defines"
            yield kind.problem(place, f"{found}; {one_of(kind.text, types)}")
    for priority in intent["SlotPriorities"].each():
        name = priority["SlotName"].text
        if name not in slots:
            text = f"SlotPriorities has {name or 'nothing'}, which is no slot of the intent; {one_of(name, slots)}"
            yield priority["SlotName"].problem(place, text)


def check_utterances(said: Written, place: str, slots: dict[str, str]) -> Iterator[Problem]:
    """Utterances that Lex doesn't take."""
    for utterance in (each["Utterance"] for each in said.each()):
        for text in mistakes_in(utterance.value, slots):
            yield utterance.problem(place, text)


def mistakes_in(utterance: object, slots: dict[str, str]) -> Iterator[str]:
    """What is wrong with one utterance."""
    if not isinstance(utterance, str):
        yield f"found {utterance!r}; expected an utterance, in quotes where YAML reads it as something else"
        return
    if not utterance.strip():
        yield "found an utterance without a word; expected at least one"
    if len(utterance) > LONGEST_UTTERANCE:
        yield f"found an utterance of {len(utterance)} characters; expected at most {LONGEST_UTTERANCE}"
    if set(SLOT.sub("", utterance)) & set("{}"):
        yield "found a brace without the other; expected slots as {Name}"
    for name in SLOT.findall(utterance):
        if name not in slots:
            yield f"{{{name}}} is no slot of the intent; {one_of(name, slots)}"
        elif slots[name] == FREE_FORM:
            yield f"{{{name}}} is of type {FREE_FORM}; expected it in no utterance: Lex hears it only when it asks"


def check_repetitions(intents: list[Written], place: str) -> Iterator[Problem]:
    """What is said in two intents, and leaves Lex to guess between them."""
    first: dict[str, tuple[Written, str]] = {}
    for intent in intents:
        name = intent["Name"].text
        for utterance in (each["Utterance"] for each in intent["SampleUtterances"].each()):
            key = plain(utterance.text)
            other, owner = first.setdefault(key, (utterance, name))
            if key and owner != name:
                same = "the same as" if other.text == utterance.text else f"as good as {other.text!r}"
                text = f"{utterance.text!r} is {same} in {owner}, line {other.line}; expected it in one intent only"
                yield utterance.problem(f"{place}.{name}", text)


def plain(utterance: str) -> str:
    """The utterance without what Lex may not tell apart: case, accents, punctuation, and which slot it is."""
    apart = unicodedata.normalize("NFKD", SLOT.sub(" \x00 ", utterance).casefold())
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter) and letter not in APOSTROPHES)
    return " ".join("".join(letter if letter.isalnum() or letter == "\x00" else " " for letter in bare).split())


def check_messages(locale: Written, place: str) -> Iterator[Problem]:
    """Words of the bot's own that are too long; Lambda may say a little more than the bot."""
    for value in locale.below():
        for kind in MESSAGES:
            words = value[kind]["Value"]
            if len(words.text) > LONGEST_MESSAGE:
                text = f"found a message of {len(words.text)} characters; expected at most {LONGEST_MESSAGE}"
                yield words.problem(place, text)
