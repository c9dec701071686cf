"""A conversation by hand: you are the customer, the clock is turned, and the functions are the deployed ones."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import boto3
from botocore.exceptions import ClientError, ParamValidationError

from local.desk import Desk
from local.lex import NOTE
from local.timeline import Written, read_written
from local.world import World
from rapport.domain.local_time import zone_info
from rapport.domain.tokens import Tokens

BEGINS = datetime(2026, 11, 24, 16, 59, tzinfo=UTC)  # a minute before Ana is reminded of tomorrow's delivery
CUSTOMER, NUMBER, ZONE = "ana", "+447700900123", "Europe/London"
LOCALES = {"en": "en_GB", "fr": "fr_FR"}
HELP = """You are Ana; order 1042, a kettle, comes tomorrow at 14:00. Write as she would. Besides:
  /wait 2 hours   lets time go by (minutes, hours, days, weeks)
  /desk TEXT      answers as a person at the desk, once the conversation is theirs
  /back           hands the conversation back to the bot
  /case           shows the e-mail that the desk got
  /quit           ends it"""


@dataclass
class Chat:
    """`by` is text or chat; `trace` says what was understood and why; `tell` shows a line."""

    world: World
    by: str
    language: str
    trace: bool
    tell: Callable[[str], None]
    shown: int = 0
    explained: int = 0
    traced: int = 0
    commands: dict[str, Callable[[str], None]] = field(init=False)

    def __post_init__(self) -> None:
        self.commands = {"/wait": self.wait, "/desk": self.answer, "/back": self.hand_back, "/case": self.show_case}

    def begin(self) -> None:
        """Ana, her order, and the reminder."""
        person = {"name": "Ana", "locale": self.language, "time_zone": ZONE, "country": "GB"}
        self.world.happens("customer.updated", CUSTOMER, **person, addresses={"sms": NUMBER})
        due_at = (BEGINS + timedelta(hours=21, minutes=1)).isoformat()
        self.world.happens("delivery.scheduled", CUSTOMER, order="1042", due_at=due_at, item="kettle")
        self.world.advance("2 minutes")
        self.show()

    def converse(self, lines: Iterable[str]) -> None:
        """Every line, until there are no more or one says /quit."""
        for line in lines:
            command, _, rest = line.strip().partition(" ")
            if command == "/quit":
                return
            if command.startswith("/"):
                act = self.commands.get(command)
                act(rest) if act else self.tell(HELP)
            elif self.by == "chat":
                self.ask_lex(line.strip())
            else:
                self.world.writes(NUMBER, line)
                self.world.advance("1 minute")
            self.show()

    def ask_lex(self, text: str) -> None:
        """By way of Lex, as a page with a chat in it does."""
        ticket = Tokens(b"the Secret of the local world").make("chat", [CUSTOMER], self.world.now + timedelta(hours=1))
        try:
            answer = boto3.client("lexv2-runtime").recognize_text(
                botId=self.world.stack.attribute("Bot", "Id"),
                botAliasId=self.world.stack.attribute("BotAlias", "BotAliasId"),
                localeId=LOCALES[self.language],
                sessionId="by-hand",
                text=text,
                requestAttributes={"rapport-ticket": ticket},
            )
        except (ClientError, ParamValidationError) as error:
            self.tell(f"  Lex refuses it: {error}")
            return
        for message in answer.get("messages", []):
            self.tell(f"  {self.clock()}  < {message['content']}")
        self.world.advance("1 minute")

    def show(self) -> None:
        """What came back since, and what was understood and why."""
        texts = self.world.texts_to(CUSTOMER)
        for text in texts[self.shown :]:
            self.tell(f"  {text.local:%a %H:%M}  < {text.text}")
        self.shown = len(texts)
        if self.trace:
            self.explain()

    def explain(self) -> None:
        """What was made of the latest texts: by our rules, and by the stand-in for Lex."""
        written = read_written(self.world.dynamodb, self.world.ledger_table)
        for line in written[self.explained :]:
            self.tell(f"             {f'because: {line.because}' if isinstance(line, Written) else line.what}")
        self.explained = len(written)
        for trace in self.world.lex.traces[self.traced :]:
            told = trace.printed().replace(NOTE, "").strip().replace("\n", "\n             ")
            self.tell(f"             {told}")
        self.traced = len(self.world.lex.traces)

    def wait(self, span: str) -> None:
        """Lets time go by."""
        try:
            self.world.advance(span)
        except ValueError as error:
            self.tell(str(error))
            return
        self.tell(f"  it is {self.clock()}")

    def answer(self, text: str) -> None:
        """As a person at the desk."""
        self.act(text, hand_back=False)

    def hand_back(self, text: str) -> None:
        """To the bot."""
        self.act(text, hand_back=True)

    def act(self, text: str, *, hand_back: bool) -> None:
        """By the page that the desk's link leads to."""
        desk = Desk(self.world)
        if not desk.has_case(CUSTOMER):
            self.tell("  the desk has no case of Ana's: ask for a person first")
            return
        self.tell(f"  desk: {desk.answer(CUSTOMER, text, name='Kim', hand_back=hand_back)}")
        self.world.advance("1 minute")

    def show_case(self, _: str) -> None:
        """The desk's latest e-mail."""
        mails = [taken for taken in self.world.carriers.taken if taken.to == self.world.stack.parameters["FromAddress"]]
        self.tell(f"{mails[-1].subject}\n\n{mails[-1].text}" if mails else "  the desk has got no e-mail yet")

    def clock(self) -> str:
        """The hour where Ana is."""
        return f"{self.world.now.astimezone(zone_info(ZONE)):%a %H:%M}"
