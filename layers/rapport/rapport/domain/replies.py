"""Reads a reply to a question of ours without any chatbot: yes or no, a place, how they like it, which of several."""

from collections.abc import Sequence
from functools import cached_property

from pydantic import BaseModel, ConfigDict

from rapport.domain.liking import Liking, LikingWords
from rapport.domain.phrases import LONGEST_PHRASE, Phrases, consists_of, has, phrases_of, starts, tokens
from rapport.domain.places import PlaceWords
from rapport.domain.plain_words import DRAWN_OUT


class Replies(BaseModel):
    """The words that content/replies.yaml lists, of all languages together, with accents or without.

    `courtesy` may stand around a yes or a no. `stay` and `elsewhere` answer whether a delivery should go elsewhere.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    yes: tuple[str, ...]
    no: tuple[str, ...]
    courtesy: tuple[str, ...]
    stay: tuple[str, ...]
    undo: tuple[str, ...]
    thanks: tuple[str, ...]
    thanks_for: tuple[str, ...]
    not_it: tuple[str, ...]
    grave: tuple[str, ...]
    ordinals: tuple[tuple[str, ...], ...]
    filler: tuple[str, ...]
    likings: LikingWords
    places: PlaceWords

    def yes_or_no(self, text: str) -> bool | None:
        """Whether the text is a yes or a no and nothing else."""
        kinds = {"yes": self.phrases["yes"], "no": self.phrases["no"], "": self.phrases["courtesy"]}
        words, said = self.not_drawn_out(tokens(text)), set()
        while words:
            length, kind = max((starts(words[:LONGEST_PHRASE], phrases), kind) for kind, phrases in kinds.items())
            if not length:
                return None
            said.add(kind)
            words = words[length:]
        said.discard("")
        return said == {"yes"} if len(said) == 1 and not is_asked(text) else None

    def not_drawn_out(self, words: Sequence[str]) -> list[str]:
        """The words, with yesss for yes and nooo for no."""
        return [
            short if ((short := DRAWN_OUT.sub(r"\1", word)),) in self.phrases["answers"] else word for word in words
        ]

    def elsewhere_or_stay(self, text: str) -> bool | None:
        """Whether something should go elsewhere, by a yes or in other words; not where."""
        words = self.not_drawn_out(tokens(text))
        if (has(words, self.phrases["stay"]) or starts(words, self.phrases["no"])) and consists_of(
            words, self.phrases["staying"]
        ):
            return False
        if has(words, self.phrases["elsewhere"]) and consists_of(words, self.phrases["going"]):
            return True
        return self.yes_or_no(text)

    def is_thanks(self, text: str) -> bool:
        """Whether the text only thanks, or only says that it is fine."""
        words = tokens(text)
        return (
            has(words, self.phrases["thanks"]) and consists_of(words, self.phrases["thanking"]) and not is_asked(text)
        )

    def is_undo(self, text: str) -> bool:
        """Whether the text asks to take the last change back, and nothing else."""
        words = tokens(text)
        return has(words, self.phrases["undo"]) and consists_of(words, self.phrases["undoing"])

    def is_grave(self, text: str) -> bool:
        """Whether the text speaks of a death, a danger or a lawyer."""
        return has(tokens(text), self.phrases["grave"])

    def is_not_it(self, text: str) -> bool:
        """Whether the text says that our answer was none."""
        return has(tokens(text), self.phrases["not_it"])

    def liking(self, text: str) -> Liking | None:
        """How they like it, as far as the text says so; a bare yes is happy, and a bare no isn't."""
        liking, yes = self.likings.read(text), self.yes_or_no(text)
        if liking is None and yes is not None:
            return Liking("happy" if yes else "unhappy", None)
        return liking

    def place_in(self, text: str, *, asked: bool = True) -> str | None:
        """The place that the text says plainly that something should go to, in the customer's words."""
        return None if self.is_no_place(text) else self.places.place_in(text, asked=asked)

    def any_place(self, text: str) -> str | None:
        """What the text may name as a place when it was asked for one."""
        return None if self.is_no_place(text) else self.places.any_place(text)

    def is_no_place(self, text: str) -> bool:
        """Whether the text is a whole answer of another kind."""
        return self.is_thanks(text) or self.is_undo(text) or self.elsewhere_or_stay(text) is not None

    def corrected(self, text: str, *, freely: bool = False) -> str | None:
        """The place in what should take another's: behind `no, I meant` it may be said `freely`."""
        rest = self.places.corrected(text)
        if rest is None or self.is_no_place(text):
            return self.place_in(text)
        freely = freely and not self.places.is_unsure(text)
        return self.any_place(rest) if freely else self.place_in(rest)

    def choice(self, text: str, options: Sequence[str]) -> int | None:
        """Which of the options the text means: by its number, or by words that only that one has."""
        words = [word for word in tokens(text) if (word,) not in self.phrases["filler"]]
        named = [number for number, names in enumerate(self.ordinals) if tuple(words) in phrases_of(names)]
        if named and named[0] < len(options):
            return named[0]
        having = [number for number, option in enumerate(options) if set(tokens(option)) & set(words)]
        return having[0] if len(having) == 1 else None

    @cached_property
    def phrases(self) -> dict[str, Phrases]:
        """The lists as words; what `thanking`, `staying` and `going` consist of, and what a yes or a no may be."""
        names = ("grave", "yes", "no", "courtesy", "stay", "undo", "thanks", "not_it", "filler")
        places = self.places
        return {
            **{name: phrases_of(getattr(self, name)) for name in names},
            "answers": phrases_of(self.yes, self.no),
            "thanking": phrases_of(self.thanks, self.thanks_for),
            "undoing": phrases_of(self.undo, self.courtesy),
            "staying": phrases_of(self.stay, self.no, self.courtesy, self.thanks),
            "elsewhere": phrases_of(places.elsewhere),
            "going": phrases_of(
                places.elsewhere, places.opening, places.lead_in, places.before_place, self.yes, self.courtesy
            ),
        }


def is_asked(text: str) -> bool:
    """Whether the text ends as a question does."""
    return text.rstrip().endswith("?")
