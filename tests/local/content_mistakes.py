"""Mistakes that a content folder may have, and what is none, for test_content_check.py."""

CHECK_IN = "journeys/check-in.yaml"
REMINDER = "journeys/delivery-reminder.yaml"
STOCK = "journeys/back-in-stock.yaml"
SMS = "templates/delivery-reminder/sms.txt"
EMAIL = "templates/delivery-reminder/email.txt"
THANKS = "templates/thank-you/sms.txt"
LAYOUT = "templates/layout.html"

# By file: a piece of it, what stands there instead, where the mistake is found (line and place, after another file's
# name if that's where), and, apart by |, words of what is said of it.
Mistakes = dict[str, list[tuple[str, str, str, str]]]

YAML: Mistakes = {
    CHECK_IN: [
        ("once: true", "once: [true", "6", "expected YAML | flow sequence"),
        ("steps:\n", "steps:\n\t- end\n", "7", "tab | expected spaces"),
        ("once: true", "once: true\nonce: false", "6: once", "each key once | line 5"),
        ("route: [sms, email], asks", "route: [sms], route: [email], asks", "8: steps.1.send.route", "once"),
    ],
    "events.yaml": [
        ("order.returned:", "refund.paid: {order: text}\norder.returned:", "11: refund.paid", "once | line 8"),
    ],
    "voice.yaml": [
        ("company: Fern & Oak", "company: 2026-13-45", "2: company", "2026-13-45 | quotes"),
        ("company: Fern & Oak", "company: !!python/name:os.system", "2", "expected YAML | python/name"),
        ("company: Fern & Oak", "company: Fern \x07 Oak", "2", "without control characters"),
    ],
    "policy.yaml": [
        ("caps:", "---\ncaps:", "39", "expected YAML | single document"),
    ],
}  # fmt: skip
FORM: Mistakes = {
    CHECK_IN: [
        ("purpose: check-in", "purpos: check-in", "1: purpose", "missing | transactional, service"),
        ("purpose: check-in", "purpos: check-in", "4: purpos", "unknown key | did you mean purpose?"),
        ("purpose: check-in", "purpose: urgent", "4: purpose", "'transactional' | found 'urgent'"),
        ("about: event.data.order", "about: order", "3: about", "a reference | found 'order'"),
        ("about: event.data.order", "about: customer.id", "1", "about | event's data"),
        ("route: [sms, email], asks", "route: [sms, fax], asks", "8: steps.1.send.route.1", "'sms' or 'email' | 'fax'"),
        ("route: [sms, email], asks", "route: [], asks", "8: steps.1.send.route", "at least 1"),
        ("asks: how", "ask: how", "8: steps.1.send.ask", "unknown key | did you mean asks?"),
        ("days: 6", "dayz: 6", "7: steps.0.wait.dayz", "unknown key | did you mean days?"),
        ('at: "11:00"', "at: 11:00", "7: steps.0.wait.at", "in quotes"),
        ('at: "11:00"', 'at: "27:00"', "7: steps.0.wait.at", "wall-clock time | 27:00"),
        ("days: 6", "days: 999", "7: steps.0.wait.days", "365 or less | 999"),
        ("days: 6", "days: 0", "7: steps.0.wait", "`until` | `days` of 1 or more"),
        ("up_to: 3 days", "up_to: 3 dayz", "9: steps.2.wait.up_to", "span of time | 3 dayz"),
        ("up_to: 3 days", "up_to: 3", "9: steps.2.wait.up_to", "span of time | found 3"),
        (", up_to: 3 days", "", "9: steps.2.wait.up_to", "missing | span of time"),
        ("for: reply", "for: Reply", "9: steps.2.wait.for", "'reply' or 'receipt' or an event type"),
        ("up_to: 3 days", "up_to: 3 days, otherwise: stop", "9: steps.2.wait.otherwise", "'end' or 'go on' or a list"),
        ("up_to: 3 days", "up_to: 3 days, otherwise: [{send: {template: thank-you}}]",
         "9: steps.2.wait.otherwise.0.send.route", "missing | list of channels"),
        ("- wait: {for: reply, up_to: 3 days}", "- pause: 3 days", "9: steps.2", "a step: wait, send, branch or end"),
        ("- wait: {for: reply, up_to: 3 days}", "- stop", "9: steps.2", "a step | 'stop'"),
        ("- wait: {for: reply, up_to: 3 days}", "-", "9: steps.2", "a step | found nothing"),
        ("- wait: {for: reply, up_to: 3 days}", "- wait: 3", "9: steps.2.wait", "span of time | found '3'"),
        ("is: happy", "is: happy\n      known: true", "10: steps.3.branch", "exactly one of"),
        ("template: thank-you", "template: Thanks",
         "14: steps.3.branch.then.0.send.template", "a name in lower case | 'Thanks'"),
        ("enter: delivery.completed", "enter: Delivered", "2: enter", "an event type such as"),
    ],
    REMINDER: [
        ("expires: event.data.due_at", "expires: soon",
         "7: steps.1.send.expires", "a reference such as | or a span of time | 'soon'"),
    ],
    "events.yaml": [
        ("window: text?, item: text?}\ndelivery.moved", "window: words, item: text?}\ndelivery.moved",
         "3: delivery.scheduled.window", "text, time, day | 'words'"),
        ("refund.paid:", "refunded:", "10: refunded", "an event type such as | found 'refunded'"),
    ],
    "policy.yaml": [
        ("    consent: given\n", "", "21: purposes.promotional.consent", "missing"),
        ("  promotional:\n", "  promotion:\n", "21: purposes.promotion", "'promotional' | found 'promotion'"),
        ("heeds_troubles", "heed_troubles", "19: purposes.check-in.heed_troubles", "did you mean heeds_troubles?"),
        ("at_most: 2", "at_most: two", "40: caps.0.at_most", "a whole number | 'two'"),
        ('closes: "21:00"', "closes: 21:00", "2: send_window.closes", "in quotes"),
        ("every: 7 days", "every: 7", "40: caps.0.every", "span of time | found 7"),
        ("countries: [US,", "countries: [no,", "55: spending.countries.0", "YAML reads this as false | quotes"),
        ("countries: [US,", "countries: [USA,", "55: spending.countries.0", "ISO 3166 | found 'USA'"),
        ("countries: [US,", "countries: [UK,", "55: spending.countries.0", "ISO 3166 | found 'UK'"),
        ("  countries: [US, CA, GB, FR, BR, JP]", "  country: US", "54: spending.countries", "missing | [US, GB]"),
        ("hour: 60", "hours: 60", "56: spending.per_number.hours", "unknown key | did you mean hour?"),
        ("hour: 60", "hour: 0", "56: spending.per_number.hour", "1 or more | found '0'"),
        ("hour: 60", "hour: 600", "56: spending.per_number", "at most the day's, 200"),
        ("per_day: 20000", "per_day: unlimited", "57: spending.per_day", "a whole number | 'unlimited'"),
        ("per_day: 20000", "a_day: 20000", "54: spending.per_day", "missing | all texts of a day"),
    ],
    "voice.yaml": [
        ("Saturday, Sunday]", "Saturday]", "28: languages.en.weekdays", "more items than the 6"),
        ("tone: Warm", "tune: Warm", "3: tune", "did you mean tone?"),
        ("  fr: L'équipe", "  no: Folkene\n  fr: L'équipe", "6: sign_off.no", "in quotes | found 'no'"),
    ],
}  # fmt: skip
JOURNEYS: Mistakes = {
    CHECK_IN: [
        ("journey: check-in", "journey: checking-in", "1: journey", "expected check-in | file"),
        ("journey: check-in", "journey: back-in-stock", "1: journey", "of its own | journeys/back-in-stock.yaml"),
        ("journey: check-in", "journey: conversation", "1: journey", "another name | what is said in conversations"),
        ("asks: how-are-you", "asks: how-do-you", "8: steps.1.send.asks",
         "nobody hears answers to how-do-you-liking-it | did you mean how-are-you-liking-it?"),
        (", asks: how-are-you-liking-it}", "}", "9: steps.2.wait.for",
         "no reply is heard, for no send before it `asks` | expected one of: change-destination"),
        ("enter: delivery.completed", "enter: delivery.complete",
         "2: enter", "not in events.yaml | did you mean delivery.completed?"),
        ("refund.requested]", "refund.request]", "15: exit.1", "did you mean refund.requested?"),
        ("for: reply", "for: order.return", "9: steps.2.wait.for", "did you mean order.returned?"),
        ("about: event.data.order", "about: event.data.item", "3: about", "may be missing in delivery.completed"),
        ("about: event.data.order", "about: event.data.item",
         "3: about", "order.returned does not declare event.data.item | event.data.order"),
        ("refund.requested]", "consent.withdrawn]", "3: about", "consent.withdrawn does not declare event.data.order"),
        ("for: reply", "for: complaint.opened", "3: about", "complaint.opened does not declare"),
        ("if: heard.data.feeling", "if: heard.data.mood",
         "11: steps.3.branch.if", "nothing is known of heard.data.mood | feeling"),
        ("if: heard.data.feeling", "if: heard.status", "11: steps.3.branch.if", "nothing is known of heard.status"),
        ("  - wait: {for: reply, up_to: 3 days}\n", "", "10: steps.2.branch.if", "nothing has been listened for"),
        ("if: heard.data.feeling", "if: customer.nam", "11: steps.3.branch.if", "did you mean name?"),
        ("if: heard.data.feeling", "if: event.data", "11: steps.3.branch.if", "no single value | item, order"),
        ("if: heard.data.feeling", "if: event.data.order.id", "11: steps.3.branch.if", "expected event.data.order"),
        ("template: thank-you", "template: thanks-you",
         "14: steps.3.branch.then.0.send.template", "no folder templates/thanks-you | did you mean thank-you?"),
        ("template: thank-you", "template: check-in", "templates/thank-you:1", "no journey uses it"),
    ],
    STOCK: [
        ("audience: stock.wanted", "audience: stock.want", "2: audience", "did you mean stock.wanted?"),
        ("audience: stock.wanted", "audience: order.returned",
         "4: about", "order.returned does not declare event.data.item"),
    ],
    "events.yaml": [
        ("reply.received:", "replies.received:", f"{CHECK_IN}:9: steps.2.wait.for", "reply.received is not"),
        ("delivery.moved: {order: text, due_at: time", "delivery.moved: {order: text, due_at: time?",
         f"{REMINDER}:6: steps.0.wait.until", "may be missing | without ?"),
        ("delivery.moved: {order: text, due_at: time", "delivery.moved: {order: text, due_on: time",
         f"{REMINDER}:7: steps.1.send.expires", "not declared by every event"),
    ],
    REMINDER: [
        ("until: event.data.due_at", "until: event.data.due",
         "6: steps.0.wait.until", "event.data.due is not declared | did you mean due_at?"),
        ("until: event.data.due_at", "until: event.data.order", "6: steps.0.wait.until", "is a text | time or day"),
        ("until: event.data.due_at", "until: customer.name", "6: steps.0.wait.until", "is a text | time or day"),
        ("expires: event.data.due_at", "expires: event.data.window", "7: steps.1.send.expires", "is a text"),
    ],
    "policy.yaml": [
        ("[complaint.opened]", "[complaint.open]",
         "47: troubles.a complaint.opened_by.0", "did you mean complaint.opened?"),
        ("about: event.data.complaint", "about: event.data.order",
         "47: troubles.a complaint.about", "complaint.opened does not declare | event.data.complaint"),
        ("closed_by: [refund.paid]", "closed_by: [complaint.closed]",
         "52: troubles.a refund.about", "complaint.closed does not declare event.data.order"),
    ],
}  # fmt: skip
TEMPLATES: Mistakes = {
    SMS: [
        ("{% endif %}", "", "1", "expected Jinja2 | endif"),
        ("{{ voice.company }}", "{{ voice.compani }}", "1: voice.compani", "did you mean company?"),
        ("hi {{ customer.name }}", "hi {{ customer.nickname }}", "1: customer.nickname", "name"),
        ("hi {{ customer.name }}", "hi {{ customer }}", "1: customer", "no single value"),
        ("hi {{ customer.name }}", "hi {{ heard.data.text }}", "1: heard.data.text", "nothing has been listened for"),
        ("{{ event.data.due_at | weekday }}", "{{ event.data.order | weekday }}",
         "1: event.data.order|weekday", "time or day | found text"),
        ("{% if event.data.window %}, {{ event.data.window }}{% endif %}", "{{ event.data.window }}",
         "1: event.data.window", "may be missing | {% if event.data.window %}"),
        ("Just reply.", "Just reply." + " words" * 270, "1", "at most 1600"),
        ("Just reply.", "Just reply\n\nas soon  as\npossible.", "3: as soon as possible", "voice avoids"),
    ],
    EMAIL: [
        ("Hello,{% endif %}", "Hello,", "10", "expected Jinja2"),
        ("| weekday }}\n", "| weekdy }}\n", "1: weekdy", "unknown filter | did you mean weekday?"),
        ("{{ event.data.due_at | day }}", "{{ event.data.due_at | dai }}", "6: dai", "unknown filter | day"),
        ("Preheader: Order {{ event.data.order", "Preheader: Order {{ event.data.ordre",
         "2: event.data.ordre", "did you mean order?"),
        ("order {{ event.data.order }}", "order {{ order }}", "6: order", "no such variable | customer"),
        ("{{ voice.sign_off.en }}", "{{ voice.sign_off.de }}", "10: voice.sign_off.de", "nothing is known | en, fr"),
        ("Subject: ", "Subjekt: ", "1: Subject", "expected a line 'Subject: ...'"),
        ("Preheader: ", "", "2: Preheader", "expected a line 'Preheader: ...'"),
        ("Reply to this", "HURRY! Reply to this", "8: hurry", "voice avoids"),
        ("Reply", "Don\N{RIGHT SINGLE QUOTATION MARK}t miss it. Reply", "8: don't miss", "voice avoids"),
        ("Reply to this", "{{ 'Amazing' }}. Reply to this", "8: amazing", "voice avoids"),
    ],
    THANKS: [
        ("{% if customer.name %}, {{ customer.name }}{% endif %}", ", {{ customer.name | upper }}",
         "1: customer.name", "may be missing"),
        ("{% if customer.name %}, ", "{% if customer.name is defined %}, ",
         "1: customer.name", "is defined, as nothing"),
        ("{% if customer.name %}, ", "{% if customer.country %}, ", "1: customer.name", "may be missing"),
        ("{% if customer.name %}, {{ customer.name }}{% endif %}", ", {{ customer.name | default('you') }}",
         "1: customer.name", "may be missing"),
        ("That is", "{% include 'x' %} That is", "1: include", "stands alone"),
    ],
    "events.yaml": [
        ("delivery.moved: {order: text, due_at: time, window: text?,", "delivery.moved: {order: text, due_at: time,",
         f"{SMS}:1: event.data.window", "not declared by every event"),
    ],
    "voice.yaml": [
        ("en: The people", "en: The amazing people", "5: sign_off.en", "'amazing' | voice avoids"),
        ("  fr: L'équipe de Fern & Oak\n", "", "30: languages.fr", "sign_off | fr"),
        ("  fr: L'équipe", "  de: Fern\n  fr: L'équipe", "6: sign_off.de", "languages | de"),
        ("\n  fr:\n", "\n  nl:\n", "templates/check-in/sms.fr.txt:1", "fr is not in the languages"),
    ],
    LAYOUT: [
        ("{% endfor -%}", "", "19", "expected Jinja2"),
        ("{{ subject }}", "{{ title }}", "6: title", "no such variable | subject"),
        ("{{ voice.company }}", "{{ voice.firm }}", "11: voice.firm", "nothing is known"),
        ("{{ paragraph }}</p>", "{{ paragraph | day }}</p>", "16: day", "unknown filter"),
    ],
}  # fmt: skip
# What may be written without being a mistake: a file, a piece of it, and what may stand there instead.
FINE = [
    (THANKS, "{% if customer.name %}, {{ customer.name }}{% endif %}", ", {{ customer.name or 'you' }}"),
    (THANKS, "{% if customer.name %}, {{ customer.name }}{% endif %}", ", {{ customer.name | default('you', true) }}"),
    (THANKS, "{% if customer.name %}, {{ customer.name }}{% endif %}", "{{ ', ' ~ customer.name if customer.name }}"),
    (THANKS, "{% if customer.name %}", "{% if customer.name is not none %}"),
    (THANKS, "{% if customer.name %}", "{% if event.data.item and customer.name %}"),
    (THANKS, "{% if customer.name %}", "{% if not customer.name %}{% else %}"),
    (THANKS, "{% if customer.name %}", "{% if customer.name == 'Ada' %}"),
    (THANKS, "{{ customer.name }}", "{{ customer['name'].upper() }}"),
    (THANKS, "That is", "{{ voice.sign_off[language] }} That is"),
    (THANKS, "That is", "{% if heard.data.text %}So you said: {{ heard.data.text }}.{% endif %} That is"),
    (THANKS, "That is", "{% set words = 'Well.' %}{{ words }}{# hurry #} That is"),
    (THANKS, "good to hear", "unguaranteed"),
    (REMINDER, "exit: [delivery.completed,", "exit: [delivery.completed, reply.received,"),
    (CHECK_IN, "if: heard.data.feeling", "if: customer.country"),
    (CHECK_IN, "if: heard.data.feeling", "if: event.data.item"),
]
