"""A journey drawn in text: what begins it, what happens in which order, and what ends it."""

from collections.abc import Iterator

from rapport.domain.journey import BranchStep, Journey, Listen, SendStep, Step, Until
from rapport.domain.words import spell_span


def draw(journey: Journey) -> str:
    """The journey, a line for each step."""
    lines = [
        f"{journey.journey}  ({journey.purpose}, one run for each {journey.about.removeprefix('event.data.')}"
        f"{', once ever' if journey.once else ''})"
    ]
    if journey.audience:
        lines.append(f"  asked for by  {journey.audience}")
    lines.append(f"  enter         {' or '.join(journey.enter)}")
    lines += [f"  {line}" for line in draw_steps(journey.steps)]
    if journey.exit:
        lines.append(f"  exit at once  {', '.join(journey.exit)}")
    return "\n".join(lines)


def draw_steps(steps: tuple[Step, ...], indent: str = "") -> Iterator[str]:
    """The steps below one another; what hangs on a branch or a time-out is set in."""
    for step in steps:
        yield f"{indent}  |"
        if step == "end":
            yield f"{indent}  o end"
        elif isinstance(step, SendStep):
            send = step.send
            purpose = f" ({send.purpose})" if send.purpose else ""
            asks = f", asks {send.asks}" if send.asks else ""
            yield f"{indent}  > say {send.template}{purpose} by {', else '.join(send.route)}{asks}"
        elif isinstance(step, BranchStep):
            yield from draw_branch(step, indent)
        elif isinstance(step.wait, Listen):
            yield from draw_listen(step.wait, indent)
        elif isinstance(step.wait, Until):
            yield f"{indent}  . wait until {moment(step.wait)}"
        else:
            yield f"{indent}  . wait {spell_span(step.wait)}"


def moment(until: Until) -> str:
    """The moment in words."""
    days = f"{abs(until.days)} day{'s' if abs(until.days) > 1 else ''}"
    if until.until is None:
        base = f"{days} later"
    else:
        base = until.until.removeprefix("event.data.")
        base = f"{days} {'before' if until.days < 0 else 'after'} {base}" if until.days else base
    return base + (f", {until.at:%H:%M} the customer's time" if until.at else "")


def draw_branch(step: BranchStep, indent: str) -> Iterator[str]:
    """The test, and both ways on."""
    branch = step.branch
    test = next(name for name in ("is_", "one_of", "at_least", "known") if name in branch.model_fields_set)
    yield f"{indent}  ? {branch.if_} {test.rstrip('_').replace('_', ' ')} {getattr(branch, test)}"
    yield f"{indent}  |- yes"
    yield from draw_steps(branch.then, indent + "  |  ")
    if branch.otherwise:
        yield f"{indent}  |- no"
        yield from draw_steps(branch.otherwise, indent + "  |  ")


def draw_listen(listen: Listen, indent: str) -> Iterator[str]:
    """What is listened for, and what happens when it doesn't come."""
    yield f"{indent}  . wait for {listen.listen_for}, at most {spell_span(listen.up_to)}"
    if isinstance(listen.otherwise, str):
        yield f"{indent}  |- otherwise {listen.otherwise}"
    else:
        yield f"{indent}  |- otherwise"
        yield from draw_steps(listen.otherwise, indent + "  |  ")
