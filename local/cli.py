"""The `rapport` command: play stories and orders in the local world, and look at what they led to."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from local import commands
from local.bot.lint import lint
from local.measuring import add_measure
from local.template import ROOT


def main(given: Sequence[str] | None = None) -> int:
    """Runs one command; 0 when all is well, 1 when something was found, 2 when it could not be run."""
    options = parser().parse_args(given)
    try:
        result: int = options.run(options)
    except commands.CommandError as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    return result


def parser() -> argparse.ArgumentParser:
    """The commands and what they take."""
    top = argparse.ArgumentParser(prog="rapport", description="Customer messaging, on this machine.")
    all_ = top.add_subparsers(required=True, metavar="COMMAND")

    simulate = all_.add_parser("simulate", help="play a story and show who was told what, when and why")
    simulate.add_argument("story", type=Path, help="a file such as events/stories/ten-days.yaml")
    simulate.add_argument("--seed", type=int, default=0, help="decides what is left to chance (0)")
    simulate.set_defaults(run=commands.simulate)

    explain = all_.add_parser("explain", help="say in sentences why a message was sent, or wasn't")
    explain.add_argument("message", help="the id that simulate shows, such as m-bifbw2u5rx7uqsqq")
    explain.add_argument("--table", help="look in a deployed ledger of this name instead of the last simulation")
    explain.add_argument("--customer", help="with --table: whose message it is")
    explain.set_defaults(run=commands.explain_message)

    journeys = all_.add_parser("journeys", help="draw each journey")
    journeys.set_defaults(run=commands.draw_journeys)

    replay = all_.add_parser("replay", help="turn a file of orders into events and count what they lead to")
    replay.add_argument("orders", type=Path, metavar="ORDERS.csv")
    replay.add_argument("--limit", type=positive, help="only so many rows")
    replay.add_argument("--rules-only", action="store_true", help="the rules and the clock, without the world: faster")
    replay.add_argument("--seed", type=int, default=0, help="decides what is left to chance (0)")
    replay.set_defaults(run=commands.replay)

    chat = all_.add_parser("chat", help="talk with it as a customer, by text or in a chat, on a clock that you turn")
    chat.add_argument("--by", choices=["text", "chat"], default="text", help="how the customer writes (text)")
    chat.add_argument("--language", choices=["en", "fr"], default="en", help="the customer's (en)")
    chat.add_argument("--trace", action="store_true", help="show what was understood, and why it was answered so")
    chat.set_defaults(run=commands.chat)

    check = all_.add_parser("check", help="find the mistakes in the content, with file and line")
    check.set_defaults(run=commands.check)
    for command in (simulate, journeys, replay, chat, check):
        command.add_argument("--content", type=Path, default=commands.CONTENT, help="the content's folder, if another")
    add_measure(all_.add_parser("measure", help="count what became of conversations, in a deployed ledger"))
    add_bot(all_.add_parser("bot", help="look after the chatbot"))
    return top


def add_bot(bot: argparse.ArgumentParser) -> None:
    """What `rapport bot` takes."""
    all_ = bot.add_subparsers(required=True, metavar="COMMAND")
    check = all_.add_parser("lint", help="find the mistakes in the template's chatbot, with line")
    check.add_argument("--fix", action="store_true", help="first name the bot's version after what the bot says now")
    check.add_argument("--template", type=Path, default=ROOT / "template.yaml", help="the template, if another")
    check.set_defaults(run=lint)


def positive(text: str) -> int:
    """A number from 1 on. Raises ArgumentTypeError."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("expected a number from 1 on")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
