"""Mistakes in what customers may write and in what we answer; as in content_mistakes.py, but @ is the piece's line."""

from tests.local.content_mistakes import Mistakes

NOT_ENGLISH = "\N{CYRILLIC SMALL LETTER ZHE}"
CURLY = "\N{RIGHT SINGLE QUOTATION MARK}"

ANSWERS: Mistakes = {
    "answers.yaml": [
        ("\nnot-stopped:", "\nnot-stoped:", "@: not-stoped", "nothing says it | did you mean not-stopped?"),
        ("\nnot-stopped:", "\nnot-stoped:", "3: not-stopped", "missing | every language"),
        ("\nnot-stopped:\n  en:", "\nnot-stopped:\n  nl:", "@+1: not-stopped.nl", "not in the languages | en, fr"),
        ("\nnot-stopped:\n  en:", "\nnot-stopped:\n  nl:", "@: not-stopped.en", "missing | sentence in en"),
        ("\nnot-stopped:\n  en:", "\nnot-stopped:\n  no:", "@+1: not-stopped.no", "in quotes | 'no'"),
        ('en: "All right, everything stays as it was."', 'en: ""', "@: not-stopped.en", "empty"),
        ('en: "All right, everything stays as it was."', "en: yes",
         "@: not-stopped.en", "reads this as true | quotes"),
        ("{{ opens | hour }}.{% endif %}\n  fr", "{{ opens | hour }}.\n  fr", "@: handed-over.en", "expected Jinja2"),
        ("{{ opens | weekday }} from", "{{ opnes | weekday }} from",
         "@: handed-over.en: opnes", "did you mean opens?"),
        ("A person here will read", "{{ order }} A person here will read",
         "@: handed-over.en: order", "no such variable"),
        ("{% if closes %}We", "{% if open %}We", "@: handed-over.en: closes", "may be missing | {% if closes %}"),
        ("comes on {{ due_at | weekday }} {{", "comes on {{ due_at | hour }} {{",
         "@: where-it-is.en: due_at|hour", "found day"),
        ("{% if item %} ({{ item }}){% endif %} should", " ({{ item }}) should", "@: late.en: item", "may be missing"),
        ("{{ each.item or each.order }}: {{", "{{ each.itm or each.order }}: {{",
         "@: where-orders-are.en: each.itm", "did you mean item?"),
        ("{{ each.item or each.order }}: {{", "{{ each.item }}: {{",
         "@: where-orders-are.en: each.item", "may be missing"),
        ("{% for each in orders %}{% if", "{{ orders }}{% for each in orders %}{% if",
         "@: where-orders-are.en: orders", "there are several"),
        ("Hello, this is", "Hi {{ customer.name }}, this is", "@: hello.en: customer.name", "may be missing"),
        ("You're welcome.", "You're welcome, valued  customer.",
         "@: welcome.en", "'valued customer' | the voice avoids"),
        ("A person here will read", "Unfortunately a person here will read", "@: handed-over.en", "'unfortunately'"),
        ("You're welcome.", "You're welcome. " * 21,
         "@: welcome.en", "335 characters | sent as 3 texts | at most 2: 306"),
        ("as it was.", "as it was" + ", as it was" * 11 + NOT_ENGLISH,
         "@: not-stopped.en", f"since it has {NOT_ENGLISH} | 134 outside"),
        ("Which item are you", f"Which item, if we may ask once more about what you{CURLY}ve asked, are you",
         "@: which-item.en", f"{CURLY} takes it out | as 2 texts rather than 1"),
        ("You're welcome.", "{{ 1 / 0 }}", "@: welcome.en", "can't be said | ZeroDivisionError"),
        ("You're welcome.", "{% if customer.name %}You're welcome.{% endif %}", "@: welcome.en", "empty with some"),
    ],
}  # fmt: skip
HEARD: Mistakes = {
    "conversation.yaml": [
        ("desk: {remind_after: 15 minutes,", "desk: {remind_afer: 15 minutes,",
         "@: desk.remind_afer", "did you mean remind_after?"),
        ("desk: {remind_after: 15 minutes,", "desk: {remind_after: 15,",
         "@: desk.remind_after", "span of time | '15'"),
        ("yes_lasts: 1 day ", "yes_lasts: 1 dai ", "@: yes_lasts", "span of time | '1 dai'"),
        ("yes_lasts: 1 day ", "yes_last: 1 day ", "@: yes_last", "did you mean yes_lasts?"),
        ("misses: 2 ", "misses: 0 ", "@: misses", "1 or more | '0'"),
        ("least_score: 0.4", "least_score: 40", "@: least_score", "1.0 or less | '40'"),
        ("[Complaint, TalkToAPerson]", "[Complaint, off]", "@: always_a_person.1", "reads this as false | in quotes"),
        ("    saturday:", "    samedi:", "@-8: opening", "monday to sunday | samedi"),
        ("monday: 09:00-17:30", "monday: 9-17", "@: opening.hours.monday", "hours such as 09:00-17:30"),
        ("monday: 09:00-17:30", "monday: 19:00-17:30", "@: opening.hours.monday", "open before it closes"),
        ("Europe/London", "Europe/Londinium", "@: opening.time_zone", "IANA name"),
    ],
    "replies.yaml": [
        ('"yes":', "yes:", "@: yes", "a key that is text | in quotes"),
        ('["yes", "y",', '[yes, "y",', "@: yes.0", "reads this as true | in quotes"),
        ('"no": ["no", "n"', '"no": ["no", "n", sure', "@: no.2", "'sure' is in yes as well, in line"),
        ("\n  unhappy: [broke", "\n  unhappy: [chuffé, Delighted, broke", "@: likings.unhappy.1",
         "'Delighted' is in likings.happy as well"),
        ("undo: [undo", 'undo: [undo, "?!"', "@: undo.1", "one to 8 words or pictures | '?!'"),
        ("undo: [undo", "undo: [undo, can you put it back to where it was before", "@: undo.1", "one to 8 words"),
        ("undo: [undo", "undoo: [undo", "@: undoo", "did you mean undo?"),
    ],
    "plain-words.yaml": [
        ("    - unsub\n", "    - off\n", "@: words.stop.17", "reads this as false | in quotes"),
        ("      - text me less", "      - text <mee> less", "@: rules.0.patterns.5", "a kind from above | 'mee'"),
        ("wish: unsure-stop", "wish: stopp", "@: rules.0.wish", "'stop'"),
        ("because: says stop and laughs", "becuase: says stop and laughs",
         "@: rules.1.becuase", "did you mean because?"),
        ("\n  start:\n", "\n  start:\n    - Opt-Out\n", "@+1: words.start.0", "'Opt-Out' is in words.stop as well"),
    ],
}  # fmt: skip
# What may be written in them without being a mistake.
ALSO_FINE = [
    ("answers.yaml", "You're welcome.", "You're welcome{% if customer.name %}, {{ customer.name }}{% endif %}."),
    ("answers.yaml", "You're welcome.", f"You{CURLY}re welcome."),
    ("answers.yaml", "Reply with its number.", "Reply with its number, or say {{ orders[0].order }}."),
    ("answers.yaml", "{% if closes %}We are in until", "{% if open and closes %}We are in until"),
    ("replies.yaml", "undo: [undo", "undo: [undo, UNDO, no way back"),
    ("conversation.yaml", "[Complaint, TalkToAPerson]", "[]"),
]
