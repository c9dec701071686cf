"""Every mistake in the template's chatbot is found, with its line and with what was expected."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from local.bot.lint import fix, problems
from local.cli import main
from local.template import ROOT

SPOKEN = re.compile(
    r"when are you open$|where is my order$|where is order \{Order\}$|where is my order$|leave it next door$"
    r"|when is the \{Item\} back in stock$|vous ouvrez quand$|où en est ma commande$|what time do you open$"
)


def with_few_utterances() -> str:
    """The shipped template with the utterances that these tests speak of and two more of each intent: read faster."""
    kept: list[str] = []
    others = 0
    for line in (ROOT / "template.yaml").read_text(encoding="utf-8").split("\n"):
        spoken = "- Utterance: " in line
        others = others + 1 if spoken else 0
        if not spoken or others <= 2 or SPOKEN.search(line):
            kept.append(line)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.yaml"
        path.write_text("\n".join(kept), encoding="utf-8")
        fix(path)
        return path.read_text(encoding="utf-8")


TEMPLATE = with_few_utterances()
UTTERANCES = "SampleUtterances:\n                - Utterance: "
FALLBACK = "ParentIntentSignature: AMAZON.FallbackIntent\n"
ALIAS_LOCALE = "- LocaleId: fr_FR\n          BotAliasLocaleSetting"
TEST_LOCALE = "- LocaleId: fr_FR\n            BotAliasLocaleSetting"
VERSION_LOCALE = "        - {LocaleId: fr_FR, BotVersionLocaleDetails: {SourceBotVersion: DRAFT}}\n"
OPENING = "when are you open"
MANY = "".join(f"                - Utterance: opening times of shop number {number}\n" for number in range(1500))

# What is replaced and by what, where the mistake then is (a piece of the new text), and, apart by |, words of what is
# said of it.
MISTAKES = [
    (FALLBACK, "ParentIntentSignature: AMAZON.HelpIntent\n", "- LocaleId: en_GB\n          NluConfidence",
     "en_GB: there is no fallback intent | expected one with ParentIntentSignature: AMAZON.FallbackIntent"),
    ("                - {SlotName: Destination, Priority: 2}\n", "", "- Name: Destination\n",
     "en_GB.ChangeDestination: slot Destination is not in SlotPriorities | expected every slot there"),
    ("- {SlotName: Item, Priority: 1}\n",
     "- {SlotName: Item, Priority: 1}\n                - {SlotName: Itme, Priority: 2}\n", "{SlotName: Itme",
     "en_GB.BackInStock: SlotPriorities has Itme | did you mean Item?"),
    ("where is order {Order}\n", "where is order {Oder}\n", "{Oder}",
     "en_GB.WhereIsMyOrder: {Oder} is no slot of the intent | did you mean Order?"),
    ("SlotTypeName: Item\n", "SlotTypeName: Itme\n", "SlotTypeName: Itme",
     "en_GB.BackInStock: slot Item has the type Itme | did you mean Item?"),
    (OPENING, "where is my order", "where is my order\n                - Utterance: what time do you open",
     "en_GB.OpeningHours: 'where is my order' is the same as in WhereIsMyOrder, line | in one intent only"),
    (OPENING, "Where is  MY order?!", "Where is  MY", "as good as 'where is my order' in WhereIsMyOrder | one intent"),
    ("when is the {Item} back in stock", "where is order {Item}", "where is order {Item}",
     "en_GB.BackInStock: 'where is order {Item}' is as good as 'where is order {Order}' | in one intent only"),
    ("vous ouvrez quand", "ou en est ma commande", "ou en est ma commande",
     "fr_FR.OpeningHours: 'ou en est ma commande' is as good as 'où en est ma commande' in WhereIsMyOrder | in one"),
    (ALIAS_LOCALE, ALIAS_LOCALE.replace("fr_FR", "fr_CA"), "- LocaleId: fr_CA",
     "the version BotVersion | has no locale fr_CA; did you mean fr_FR?"),
    (VERSION_LOCALE, "", ALIAS_LOCALE, "the version BotVersion | has no locale fr_FR; expected one of: en_GB"),
    (VERSION_LOCALE, VERSION_LOCALE + VERSION_LOCALE.replace("fr_FR", "de_DE"), "{LocaleId: de_DE",
     "the bot Bot has no locale de_DE; expected one of: en_GB, fr_FR"),
    (TEST_LOCALE, TEST_LOCALE.replace("fr_FR", "de_DE"), "- LocaleId: de_DE", "the bot Bot has no locale de_DE"),
    ("Principal: lexv2.amazonaws.com", "Principal: lex.amazonaws.com", "Principal: lex.amazonaws.com",
     "BotPermission: found the principal lex.amazonaws.com; expected lexv2.amazonaws.com"),
    ("LocaleId: en_GB", "LocaleId: en_XX", "- LocaleId: en_XX\n          NluConfidence",
     "Lex has no locale en_XX; did you mean en_"),
    (FALLBACK, f"{FALLBACK}              {UTTERANCES}anything else\n", f"{UTTERANCES}any",
     "en_GB.FallbackIntent: a fallback intent has SampleUtterances; expected none"),
    (FALLBACK, f"{FALLBACK}              Slots: [{{Name: Order}}]\n", "Slots: [{Name",
     "en_GB.FallbackIntent: a fallback intent has Slots; expected none"),
    (FALLBACK, f"{FALLBACK}              IntentConfirmationSetting: {{IsActive: true}}\n", "IntentConfirmationSetting",
     "en_GB.FallbackIntent: a fallback intent has IntentConfirmationSetting; expected none"),
    (OPENING, OPENING + " today" * 100, OPENING + " today", "utterance of 617 characters; expected at most 500"),
    (OPENING, '""', 'Utterance: ""', "en_GB.OpeningHours: found an utterance without a word; expected at least one"),
    (OPENING, "off", "Utterance: off", "en_GB.OpeningHours: found False; expected an utterance, in quotes"),
    (OPENING, "are you open on {Day", "{Day", "en_GB.OpeningHours: found a brace without the other; expected slots as"),
    (f"                - Utterance: {OPENING}\n", MANY, f"{UTTERANCES}what are your open",
     "en_GB.OpeningHours: found 150 | utterances; expected at most 1500"),
    ("Where should it go?", "Where? " * 143, "Where? Where?", "en_GB: found a message of 1001 characters; expected at"),
    ("- Name: OpeningHours", "- Name: OpenHours", "- Name: OpenHours",
     "en_GB.OpenHours: we have no answer to it; did you mean OpeningHours?"),
    ("- Name: Thanks", "- Name: Greeting", "- Name: Greeting\n              Description: Thanks, or a goodbye",
     "en_GB.Greeting: there is another intent of this name; expected each once"),
    ("- Name: OpeningHours", "- Name: Opening Hours", "- Name: Opening Hours",
     "en_GB.Opening Hours: found the name 'Opening Hours'; expected letters and digits"),
    ("          SlotTypes:\n", "          SlotTypes:\n            - {Name: Colour__}\n", "- {Name: Colour__}",
     "en_GB: found the name 'Colour__'; expected letters and digits"),
    ("BotAliasName: live", "BotAliasName: -live", "BotAliasName: -live", "BotAlias: found the name '-live'; expected"),
    ("leave it next door", "leave it at {Destination}", "leave it at {Destination}",
     "en_GB.ChangeDestination: {Destination} is of type AMAZON.FreeFormInput; expected it in no utterance"),
]  # fmt: skip


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A copy of the shipped template."""
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE, encoding="utf-8")
    return path


def plant(template: Path, old: str, new: str) -> None:
    """Puts something else in the place of a piece of the template, and names the version after it."""
    text = template.read_text(encoding="utf-8")
    assert old in text
    template.write_text(text.replace(old, new, -1 if old == "LocaleId: en_GB" else 1), encoding="utf-8")
    fix(template)


def line_of(template: Path, piece: str) -> int:
    """The line in which this piece of the template begins."""
    text = template.read_text(encoding="utf-8")
    return text[: text.index(piece)].count("\n") + 1


def test_the_shipped_chatbot_has_no_mistakes() -> None:
    assert problems(ROOT / "template.yaml") == []


@pytest.mark.parametrize(("old", "new", "where", "words"), MISTAKES, ids=[words for *_, words in MISTAKES])
def test_a_mistake_is_found_where_it_is_and_nothing_else(
    template: Path, old: str, new: str, where: str, words: str
) -> None:
    plant(template, old, new)
    [problem] = problems(template)
    assert problem.startswith(f"template.yaml:{line_of(template, where)}: ")
    assert all(word in problem for word in words.split(" | "))


def test_a_slots_name_is_looked_at_in_every_language(template: Path) -> None:
    text = TEMPLATE.replace("Name: Destination", "Name: Destin ation")
    template.write_text(text, encoding="utf-8")
    fix(template)
    lines = [number for number, line in enumerate(text.split("\n"), 1) if line.endswith("- Name: Destin ation")]
    assert [int(problem.split(":")[1]) for problem in problems(template)] == lines
    assert len(lines) == 2


def version_in(template: Path) -> str:
    """What the bot's version is called."""
    [name] = set(re.findall(r"\bBotVersion[0-9a-f]{10}\b", template.read_text(encoding="utf-8")))
    return str(name)


def test_a_version_that_does_not_follow_the_bot_is_found_where_it_is_made_and_where_it_is_used(template: Path) -> None:
    before = version_in(template)
    template.write_text(TEMPLATE.replace(OPENING, "when may i come in", 1), encoding="utf-8")
    used, made = problems(template)
    expected = "for what BotLocales says now; rapport bot lint --fix writes it"
    assert made.startswith(
        f"template.yaml:{line_of(template, f'  {before}:')}: the version {before} is stale; expected"
    )
    assert used.startswith(
        f"template.yaml:{line_of(template, f'!GetAtt {before}')}: {before} is a stale version; expected"
    )
    assert made.endswith(expected)
    assert used.endswith(expected)


def test_only_a_reference_may_be_stale(template: Path) -> None:
    template.write_text(
        TEMPLATE.replace(f"!GetAtt {version_in(template)}", "!GetAtt BotVersion0123456789"), encoding="utf-8"
    )
    [problem] = problems(template)
    assert problem.startswith(f"template.yaml:{line_of(template, '!GetAtt BotVersion0123456789')}: ")


def test_the_version_is_named_after_the_bot_in_place(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = version_in(template)
    changed = TEMPLATE.replace(OPENING, "when may i come in", 1)
    template.write_text(changed, encoding="utf-8")
    assert main(["bot", "lint", "--template", str(template)]) == 1
    assert main(["bot", "lint", "--fix", "--template", str(template)]) == 0
    after = version_in(template)
    assert after != before
    assert template.read_text(encoding="utf-8") == changed.replace(before, after)
    assert f"template.yaml: {before} is now {after}\nno mistakes" in capsys.readouterr().out


def test_a_version_that_carries_no_hash_yet_gets_one_wherever_it_is_named(template: Path) -> None:
    name = version_in(template)
    bare = TEMPLATE.replace(name, "BotVersion")
    named = 'Outputs:\n  Version: {Value: !Sub "BotVersion ${BotVersion.BotVersion}"}\n'
    template.write_text(bare.replace("Outputs:\n", named), encoding="utf-8")
    assert len(problems(template)) == 3
    fix(template)
    assert problems(template) == []
    expected = TEMPLATE.replace("Outputs:\n", named.replace("${BotVersion.", f"${{{name}."))
    assert template.read_text(encoding="utf-8") == expected


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_what_is_in_order_is_not_touched(template: Path, ends: str) -> None:
    template.write_bytes(TEMPLATE.replace("\n", ends).encode())
    assert problems(template) == []
    assert fix(template) == []
    assert template.read_bytes() == TEMPLATE.replace("\n", ends).encode()


def test_lines_that_end_as_on_windows_stay_so(template: Path) -> None:
    name = version_in(template)
    template.write_bytes(TEMPLATE.replace(name, "BotVersion0123456789").replace("\n", "\r\n").encode())
    fix(template)
    assert template.read_bytes() == TEMPLATE.replace("\n", "\r\n").encode()


def test_what_yaml_reads_as_something_else_is_text_in_quotes(template: Path) -> None:
    plant(template, OPENING, '"off"')
    assert problems(template) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Resources: [", "template.yaml:1: expected YAML, found: "),
        ("Resources:\n\tBot: {}\n", "template.yaml:2: expected YAML, found: a tab; expected spaces"),
        ("Resources: {Bot: !Ref {a: b}}\n", "template.yaml:1: expected YAML, found: !Ref"),
        ("a: 2026-13-45\n", "template.yaml:1: expected YAML whose values can be read"),
        ("", "template.yaml:1: there is no AWS::Lex::Bot among the resources; expected a bot"),
        ("- just\n- a list\n", "template.yaml:1: there is no AWS::Lex::Bot"),
        ("Resources: {Queue: {Type: AWS::SQS::Queue}}\n", "template.yaml:1: there is no AWS::Lex::Bot"),
        ("Resources: {Bot: {Type: AWS::Lex::Bot}}\n", "template.yaml:1: Bot: "),
        ("Resources: {Bot: {Type: AWS::Lex::Bot, Properties: {Name: bot, BotLocales: &a [*a]}}}\n",
         "template.yaml:1: found a value that contains itself; expected none"),
    ],
)  # fmt: skip
def test_what_is_no_template_with_a_bot_is_said_in_a_sentence(template: Path, text: str, expected: str) -> None:
    template.write_text(text, encoding="utf-8")
    assert problems(template)[0].startswith(expected)
    assert main(["bot", "lint", "--fix", "--template", str(template)]) == 1
    assert template.read_text(encoding="utf-8") == text


def test_a_template_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    assert problems(tmp_path / "no.yaml") == ["no.yaml:1: there is no such file; expected one"]


@pytest.mark.parametrize("broken", ["7", "text", "[]", "{}", "[7, text, {}, []]", "!Ref Bot", "null"])
@pytest.mark.parametrize("key", ["BotLocales", "SlotTypes", "Intents", "SampleUtterances", "Slots", "SlotPriorities"])
def test_whatever_stands_in_a_place_there_is_no_traceback(template: Path, key: str, broken: str) -> None:
    text = re.sub(rf"^( +){key}:\n(\1 +.*\n)+", rf"\1{key}: {broken}\n", TEMPLATE, flags=re.MULTILINE)
    assert text != TEMPLATE
    template.write_text(text, encoding="utf-8")
    assert all(problem.startswith("template.yaml:") for problem in problems(template))
