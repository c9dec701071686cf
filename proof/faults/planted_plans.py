"""Mistakes that somebody could make in planning and in sending on what was planned: the harness must catch them too."""

from typing import Final

from proof.faults.faults import Kind
from proof.faults.planted import ADAPTERS, DOMAIN, LEDGER, QUEUEING, TEXT, at
from proof.faults.planting import Edit, Mistake
from proof.faults.play import Plan

OF_PLANNING: Final = (
    Mistake(
        "a failed record is taken for done",
        (
            Edit(
                ADAPTERS + "batch:succeeds",
                "return False",
                "return True",
            ),
        ),
        (at("shipped", "plan_messages/DynamoDB.BatchGetItem", Kind.READS_FAIL, 2, span=200),),
    ),
    Mistake(
        "the outcome is written before the messages",
        (
            Edit(
                LEDGER + "commit",
                "self.write(puts, plan.drafts)",
                "self.write(puts)\n    if plan.drafts: self.write([], plan.drafts)",
            ),
        ),
        tuple(at("shipped", "plan_messages/DynamoDB.PutItem", Kind.KILLED_BEFORE, nth) for nth in (1, 4)),
    ),
    Mistake(
        "the outcome is forgotten",
        (
            Edit(
                LEDGER + "commit",
                "puts = [self.anew(item) if read.outcome else self.fresh(item)]",
                "puts = []",
            ),
        ),
        (Plan("shipped"),),
    ),
    Mistake(
        "an event is planned each time that it comes",
        (
            Edit(
                ADAPTERS + "planner:Planner.take", "if read.outcome and settled(read.outcome, event):", "if not event:"
            ),
            Edit(
                LEDGER + "commit",
                "puts = [self.anew(item) if read.outcome else self.fresh(item)]",
                "puts = [self.put(item)]",
            ),
            Edit(LEDGER + "draft_put", "return self.fresh(", "return self.put("),
        ),
        tuple(at("shipped", "plan_messages/invocation", Kind.REDELIVERED, nth) for nth in (3, 4)),
    ),
    Mistake(
        "older news brings a run back",
        (Edit(DOMAIN + "planning:meet", "stale = run is not None and event.at < run.as_of", "stale = False"),),
        (Plan("reminded"),),
    ),
    Mistake(
        "what is queued doesn't hear that its run is over",
        (Edit(ADAPTERS + "sends:void_by", 'run.ended_by if run.status == "exited" else None', "None"),),
        (at("stopped", TEXT, Kind.THROTTLED, 1, 5),),
    ),
    Mistake(
        "a wake that is early is forgotten",
        (Edit(ADAPTERS + "planner:Planner.wake", "not receipt and is_early(before, self.clock())", "not before"),),
        (at("reminded", "resume_journeys/invocation", Kind.BEHIND, 3),),
    ),
    Mistake(
        "who is told leaves the list first",
        (
            Edit(
                ADAPTERS + "audience:Audience.tell_page",
                "self.events.put_all(own, now)\n    self.ledger.told(key, [customer for customer, _ in page])",
                "self.ledger.told(key, [customer for customer, _ in page])\n    self.events.put_all(own, now)",
            ),
        ),
        (at("offered", "plan_messages/DynamoDB.BatchWriteItem", Kind.KILLED_AFTER),),
    ),
    Mistake(
        "the intake takes what it couldn't put down for done",
        (
            Edit(
                ADAPTERS + "intake:Intake.take",
                "except (EventError, ContradictionError) as error:",
                "except Exception as error:",
            ),
            Edit(ADAPTERS + "intake:Intake.take", 'count("RejectedEvents")', "return"),
        ),
        (at("shipped", "record_events/DynamoDB.PutItem", Kind.WRITES_FAIL, span=200),),
    ),
)

OF_THE_OUTBOX: Final = (
    Mistake(
        "what SQS didn't take is forgotten",
        (Edit(ADAPTERS + "outbox:Outbox.enqueue", "return {parcel.record for parcel in waiting}", "return set()"),),
        (at("unhappy", QUEUEING, Kind.THROTTLED, 3, 40),),
    ),
    Mistake(
        "what wasn't scheduled is forgotten",
        (Edit(ADAPTERS + "outbox:Outbox.schedule", "error)\n        return False", "error)\n        return True"),),
        (at("stopped", "dispatch_messages/Scheduler.CreateSchedule", Kind.THROTTLED, 1, 15),),
    ),
    Mistake(
        "what wasn't told is forgotten",
        (Edit(ADAPTERS + "outbox:Outbox.publish", "error)\n        return False", "error)\n        return True"),),
        (at("elsewhere", "dispatch_messages/EventBridge.PutEvents", Kind.THROTTLED, 1, 12),),
    ),
    Mistake(
        "a schedule has another name each time",
        (
            Edit(
                ADAPTERS + "outbox:schedule_name",
                "parcel.due_at.isoformat()]",
                "parcel.due_at.isoformat(), id(parcel)]",
            ),
        ),
        (at("reminded", "dispatch_messages/invocation", Kind.REDELIVERED, 1, 12),),
    ),
    Mistake(
        "a run that waits is not put to be woken",
        (Edit(ADAPTERS + "outbox:waking", 'if new.get("wake_at") in (None, old.get("wake_at")):', "if new:"),),
        (Plan("reminded"),),
    ),
)
