"""`rapport bot lint`: the mistakes in template.yaml's chatbot that neither SAM nor cfn-lint sees, with their lines."""

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from local.bot.locale_rules import check_locale, check_name
from local.bot.version import check_versions, fix_versions
from local.bot.written import Written, of_type, read_written
from local.check.problem import Problem, UnreadableError, one_of

LEX = "lexv2.amazonaws.com"


def lint(options: Namespace) -> int:
    """Prints every mistake in the template's bot; with --fix, first renames stale versions."""
    if options.fix:
        for line in fix(options.template):
            print(line)
    found = problems(options.template)
    for problem in found:
        print(problem)
    if not found:
        print("no mistakes in the chatbot")
    return 1 if found else 0


def fix(path: Path) -> list[str]:
    """Renames stale versions, and says so; leaves alone what can't be read."""
    try:
        return fix_versions(path, read_written(path))
    except (UnreadableError, RecursionError, ValueError):
        return []


def problems(path: Path) -> list[str]:
    """Every mistake in the template's bot, in the order of lines; none when all is well."""
    try:
        return [str(problem) for problem in sorted(set(check(read_written(path))))]
    except UnreadableError as error:
        return [str(error.problem)]
    except (RecursionError, ValueError):  # json's word for it
        return [str(Problem(path.name, 1, "", "found a value that contains itself; expected none"))]


def check(template: Written) -> Iterator[Problem]:
    """Every mistake in the bots, and in what the template says of them elsewhere."""
    bots = of_type(template, "AWS::Lex::Bot")
    if not bots:
        yield template.problem("", "there is no AWS::Lex::Bot among the resources; expected a bot")
    for logical, bot in bots:
        yield from check_name(bot["Name"], logical)
        if not bot["BotLocales"].each():
            yield bot.problem(logical, "there are no BotLocales; expected the bot's locales, in the template itself")
        for locale in bot["BotLocales"].each():
            yield from check_locale(locale)
        yield from check_enabled(bot["TestBotAliasSettings"], f"the bot {logical}", locales_of(bot["BotLocales"]))
    yield from check_aliases(template)
    yield from check_versions(template)
    for logical, permission in of_type(template, "AWS::Lambda::Permission"):
        yield from check_permission(permission, logical)


def locales_of(given: Written) -> set[str]:
    """The locales that a bot, a version or an alias has."""
    return {each["LocaleId"].text for each in given.each()}


def check_aliases(template: Written) -> Iterator[Problem]:
    """Locales that an alias or a version speaks of, and the version or the bot behind it lacks."""
    bots = {name: locales_of(bot["BotLocales"]) for name, bot in of_type(template, "AWS::Lex::Bot")}
    versions: dict[str, set[str]] = {}
    for logical, version in of_type(template, "AWS::Lex::BotVersion"):
        given = version["BotVersionLocaleSpecification"]
        versions[logical] = locales_of(given)
        if (bot := version["BotId"]["Ref"].text) in bots:
            yield from lacking(given, f"the bot {bot}", bots[bot])
    for logical, alias in of_type(template, "AWS::Lex::BotAlias"):
        yield from check_name(alias["BotAliasName"], logical)
        named = [part.text for part in alias["BotVersion"]["Fn::GetAtt"].each()]
        bot = alias["BotId"]["Ref"].text
        if named and named[0] in versions:
            yield from check_enabled(alias, f"the version {named[0]}", versions[named[0]])
        elif bot in bots:
            yield from check_enabled(alias, f"the bot {bot}", bots[bot])


def check_enabled(alias: Written, whose: str, known: set[str]) -> Iterator[Problem]:
    """Locales of an alias that aren't there."""
    yield from lacking(alias["BotAliasLocaleSettings"], whose, known)


def lacking(given: Written, whose: str, known: set[str]) -> Iterator[Problem]:
    """Locales that aren't among the known ones."""
    for each in given.each():
        if (name := each["LocaleId"].text) not in known:
            text = f"{whose} has no locale {name or 'without a name'}; {one_of(name, known)}"
            yield each["LocaleId"].problem("", text)


def check_permission(permission: Written, place: str) -> Iterator[Problem]:
    """A permission that is for Lex and lets somebody else in, such as Lex V1."""
    principal = permission["Principal"]
    for_lex = ":lex:" in str(permission["SourceArn"].value) or principal.text.startswith("lex")
    if for_lex and principal.text and principal.text != LEX:
        yield principal.problem(place, f"found the principal {principal.text}; expected {LEX}, which is Lex V2")
