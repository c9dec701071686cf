"""Words that always work, on texts as customers write them; the numbers are in the tests that hold them.

The texts in plain_words/ were written for this, in English and French, with the typos that people make. The rules were
made with `*.known.txt` in view: of 2,001 wishes 2 are missed and 17 asked about. Nobody has looked at the misses of
`stop.held-out.txt`: of its 113 texts 109 are heard, 1 is asked about, 3 missed.

Freshly written stop wishes are the honest measure. Each lot, before it became known, was heard to 97, 73, 82, 93, 95,
87, 94, 93 and 86 in 100; of the last five, 97, 93, 97, 94 and 86 in 100 were heard or asked about. So of what people
will think of next, expect 1 in 15 to be missed, and of some lots 1 in 7. Of 424 fresh texts that only look like a wish,
3 were taken for STOP and 5 asked about. Other languages were only tried on some thirty sentences, written together with
their rules.

People will find new words: mend the rules with those, not with these.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from local.template import ROOT
from rapport.adapters.content import Content, read_yaml
from rapport.domain.plain_words import PlainWords, Wanted, Wish, fold, wish

CONTENT = ROOT / "layers" / "content"
WORDS = Content(CONTENT).plain_words
TEXTS = Path(__file__).parent / "plain_words"
HAM = ROOT.parent / "shared" / "data" / "sms_texts.tsv"
FCC = ["stop", "quit", "revoke", "opt out", "cancel", "unsubscribe", "end"]
AWS = ["ARRET", "CANCEL", "END", "OPT-OUT", "OPTOUT", "QUIT", "REMOVE", "STOP", "TD", "UNSUBSCRIBE"]
OTHERS = ["STOPALL", "Stop-All", "ARRÊT", "ARRÊTEZ", "Désabonner", "désinscription", "ABMELDEN", "BAJA"]
STARTS = ["start", "unstop", "begin", "resume", "subscribe", "reprendre"]
HELPS, PERSONS = ["help", "info", "aide"], ["agent", "human", "representative", "conseiller"]
LISTED = {Wanted.STOP: [*FCC, *AWS, *OTHERS], Wanted.START: STARTS, Wanted.HELP: HELPS, Wanted.PERSON: PERSONS}
HABITS: list[Callable[[str], str]] = [
    str.upper,
    str.title,
    lambda word: f"  {word}\n",
    lambda word: f"{word}.",
    lambda word: f"{word}!!!",
    lambda word: f"{word}!!1",
    lambda word: f"{word}…",
    lambda word: f'"{word}"',
    lambda word: f"*{word}*",
    lambda word: f"🛑🙏{word}😡",
    lambda word: f"{word} please",
    lambda word: f"Please {word}, thank you",
    lambda word: f"{word} svp",
    lambda word: f"{word} {word} {word}",
    lambda word: "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in word),
    "\u200b".join,
    lambda word: f"\u202a{word}\u202c\ufe0f",
]


def lines(name: str) -> list[str]:
    """The texts of one file."""
    return (TEXTS / name).read_text(encoding="utf-8").splitlines()


def heard(text: str) -> Wanted:
    """What the text asks for, with the shipped words."""
    return wish(text, WORDS).what


def share(name: str, wanted: Wanted) -> float:
    """How many of the file's texts, of 1, are heard so."""
    texts = lines(name)
    return Counter(map(heard, texts))[wanted] / len(texts)


@pytest.mark.parametrize("habit", HABITS, ids=range(len(HABITS)))
def test_a_listed_word_is_heard_however_it_is_written(habit: Callable[[str], str]) -> None:
    written = {habit(word): wanted for wanted, words in LISTED.items() for word in words}
    assert {text: heard(text) for text in written} == written


def test_every_word_of_the_content_is_heard_by_itself() -> None:
    for wanted, words in WORDS.words.items():
        assert {word: heard(word) for word in words} == dict.fromkeys(words, wanted)


@pytest.mark.parametrize(
    "text",
    ["S T O P", "s.t.o.p.", "S-T-O-P", "Q U I T", "E N D", "o p t  o u t", "STOOOOP", "stopp", "stpo", "sotp", "st0p",
     "\U0001d412\U0001d413\U0001d40e\U0001d40f", "Ⓢⓣⓞⓟ", "arrêt", "arre\u0302t", "DÉSABONNEZ", "unsubscibe",
     "Stop. Thank you", "STOP 12345", "STOP au 36111"],
)  # fmt: skip
def test_stop_is_heard_spelt_out_drawn_out_dressed_up_or_with_a_slip(text: str) -> None:
    assert heard(text) is Wanted.STOP


def test_a_text_without_words_asks_for_nothing() -> None:
    for text in ("", " ", "👍", "?!", "...", "\u200b", "12", "'", "\x00", "\ud800"):
        assert heard(text) is Wanted.NONE


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("YES", Wanted.NONE),
        ("Help me understand what this means", Wanted.NONE),
        ("we have got to stop this leak", Wanted.NONE),
        ("bus stop at 5", Wanted.NONE),
        ("stop by tomorrow", Wanted.NONE),
        ("please cancel my order", Wanted.NONE),
        ("insurance agent called", Wanted.NONE),
        ("Don't stop texting me", Wanted.NONE),
        ("I can't stop laughing. But please stop texting me", Wanted.STOP),
        ("don't text me at night", Wanted.UNSURE_STOP),
        ("wrong number", Wanted.UNSURE_STOP),
        ("wrong number, take me off your list", Wanted.STOP),
        ("I don't want to talk to a robot", Wanted.PERSON),
        ("text me again", Wanted.START),
        ("don't text me again", Wanted.STOP),
        ("help stop", Wanted.STOP),
    ],
)
def test_words_mean_what_their_sentence_means(text: str, wanted: Wanted) -> None:
    assert heard(text) is wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("stop texitng me", Wanted.STOP),
        ("unsubcsribe", Wanted.STOP),
        ("unsubscrube me plz", Wanted.STOP),
        ("no more mesdages", Wanted.STOP),
        ("tske me off your lsit", Wanted.STOP),
        ("spaek to a humna", Wanted.PERSON),
        ("remove 555-0142 from your list", Wanted.STOP),
        ("no me manden más mensajes", Wanted.STOP),
        ("keine Nachrichten mehr bitte", Wanted.STOP),
        ("quiero hablar con una persona", Wanted.PERSON),
        ("stoop", Wanted.UNSURE_STOP),
        ("remote", Wanted.NONE),
        ("no more tents please", Wanted.NONE),
        ("please stop shopping at the old address", Wanted.NONE),
    ],
)
def test_a_slip_is_heard_and_a_word_of_its_own_is_not_a_slip(text: str, wanted: Wanted) -> None:
    assert heard(text) is wanted


@pytest.mark.parametrize(
    "text",
    ["cancel my order", "cancel delivery", "cancel friday", "end of the week", "he quit", "remove one lamp",
     "stop order", "remove me from the delivery", "stop the truck", "stop by after 5", "delete my last message",
     "wrong number of chairs", "on the stoop", "call me at 9", "the manager said it is ok", "leave me a note"],
)  # fmt: skip
def test_what_customers_of_a_shop_write_is_not_taken_for_a_wish(text: str) -> None:
    assert heard(text) is Wanted.NONE


def test_there_are_enough_texts_to_measure_by_and_none_was_both_known_and_held_out() -> None:
    enough = {"stop": 300, "person": 60, "help": 60, "start": 60, "none": 300, "unsure": 60}
    for name, least in enough.items():
        known, held_out = (lines(f"{name}.{part}.txt") for part in ("known", "held-out"))
        assert len(known) + len(held_out) >= least
        assert {fold(text) for text in known} & {fold(text) for text in held_out} == set()


@pytest.mark.parametrize("wanted", [Wanted.STOP, Wanted.PERSON, Wanted.HELP, Wanted.START])
def test_of_the_known_wishes_98_in_100_are_heard(wanted: Wanted) -> None:
    assert share(f"{wanted}.known.txt", wanted) >= 0.98


def test_of_the_held_out_wishes_nearly_as_many_are_heard() -> None:
    for wanted in (Wanted.PERSON, Wanted.HELP, Wanted.START):
        assert share(f"{wanted}.held-out.txt", wanted) >= 0.98
    stopped, asked = (share("stop.held-out.txt", wanted) for wanted in (Wanted.STOP, Wanted.UNSURE_STOP))
    assert stopped >= 0.96
    assert stopped + asked >= 0.97


@pytest.mark.parametrize("part", ["known", "held-out"])
def test_of_texts_that_only_contain_the_words_1_in_100_is_taken_for_stop(part: str) -> None:
    assert share(f"none.{part}.txt", Wanted.STOP) <= 0.01
    assert share(f"none.{part}.txt", Wanted.NONE) >= 0.98


@pytest.mark.parametrize("part", ["known", "held-out"])
def test_of_doubtful_texts_none_is_taken_for_nothing(part: str) -> None:
    assert share(f"unsure.{part}.txt", Wanted.UNSURE_STOP) >= 0.95


@pytest.mark.skipif(not HAM.exists(), reason="needs a file of people's real texts, which lies beside the repository")
def test_of_texts_between_friends_1_in_100_is_taken_for_stop() -> None:
    rows = (line.split("\t", 1) for line in HAM.read_text(encoding="utf-8").splitlines())
    counts = Counter(heard(text) for label, text in rows if label == "ham")
    assert counts[Wanted.STOP] + counts[Wanted.UNSURE_STOP] <= counts.total() / 200
    assert counts[Wanted.NONE] >= counts.total() * 0.99


def test_the_answer_says_which_rule_it_goes_by_and_never_what_the_customer_wrote() -> None:
    assert wish("Stop!!", WORDS) == Wish(what=Wanted.STOP, because="the word STOP")
    assert wish("take my phone 07700 900123 off your list", WORDS).because == "asks to be taken off the list"
    assert wish("Thursday is fine", WORDS) == Wish(what=Wanted.NONE, because="no rule")
    told = {"no rule", *(rule.because for rule in WORDS.rules)}
    for name in ("stop.known.txt", "person.known.txt", "none.known.txt"):
        because = {wish(text, WORDS).because for text in lines(name)}
        assert {each for each in because if not each.startswith("the word ")} <= told


def best_of(text: str, times: int) -> float:
    """The quickest reading, in seconds: what it takes when the machine does nothing else."""
    best = float("inf")
    for _ in range(times):
        started = time.perf_counter()
        wish(text, WORDS)
        best = min(best, time.perf_counter() - started)
    return best


def test_a_usual_text_is_read_in_an_instant() -> None:
    usual = "Hi, could you please tell me when my sofa will be delivered? I am at work until 5 on Thursday."
    assert best_of(usual, 400) < 0.0003  # 60 millionths of a second on a machine of 2026; the rest is for slower ones


def unkind() -> Iterator[str]:
    """Pieces that a careless pattern would chew on for ever."""
    yield from ("stop ", "a", "é", "'", "qu'", "s t ", "s.", "((", "-", " - ", "no more of the ", "stop the the ")
    yield from ("ssss", "stop. ", "dont ", "want to ", "je ne veux plus ", "please ", "help ", "1 ", "\u200b", "opt ")


@pytest.mark.parametrize("piece", list(unkind()))
def test_a_text_of_any_length_takes_time_in_proportion(piece: str) -> None:
    wish(piece * 50, WORDS)
    short, long = (piece * (length // len(piece)) for length in (10_000, 40_000))
    assert best_of(short, 3) < 0.2
    assert best_of(long, 3) < 12 * best_of(short, 5) + 0.01


VOCABULARY = sorted({word for name in TEXTS.glob("*.known.txt") for text in lines(name.name) for word in text.split()})


@given(st.text(max_size=400) | st.lists(st.sampled_from(VOCABULARY), max_size=40).map(" ".join))
@settings(max_examples=300)
def test_any_text_gets_an_answer_and_the_same_whatever_its_case(text: str) -> None:
    answer = wish(text, WORDS)
    assert answer == wish(f" {text} ", WORDS)
    if text.isascii():
        assert answer == wish(text.upper(), WORDS)


@given(st.sampled_from([word for words in LISTED.values() for word in words]), st.text(" .!?*~-\"'\n🛑🙏", max_size=5))
def test_signs_around_a_listed_word_change_nothing(word: str, signs: str) -> None:
    assert heard(f"{signs} {word} {signs}") is heard(word)


@pytest.mark.parametrize(
    "pattern",
    [
        "stop <strangers>",
        "stop (texting",
        "stop) texting",
        "(?stop)",
        "? stop",
        "stop??",
        "stop+",
        "Stop",
        "_ _",
        "^ $",
        "",
    ],
)
def test_a_pattern_that_cannot_be_read_is_refused(pattern: str) -> None:
    content = read_yaml(CONTENT / "plain-words.yaml")
    content["rules"][0]["patterns"].append(pattern)
    with pytest.raises(ValidationError, match=r"expected .*found"):
        PlainWords.model_validate(content)
