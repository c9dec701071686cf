"""Tasks that take turns at every call to AWS, in an order that a seed decides: races that can be played again."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from random import Random
from typing import Any

Task = Callable[[], Any]


class TakingTurns:
    """Runs tasks in threads of which one moves at a time; `switch` hands on to another."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.mine = threading.local()
        self.somebody_stopped = threading.Semaphore(0)

    def run(self, tasks: list[Task]) -> None:
        """Runs all tasks to their end; what they raise stays in them."""
        turns = [threading.Semaphore(0) for _ in tasks]
        threads = [
            threading.Thread(target=self.follow, args=(task, turn), daemon=True)
            for task, turn in zip(tasks, turns, strict=True)
        ]
        for thread in threads:
            thread.start()
        alive = list(range(len(tasks)))
        while alive:
            chosen = self.rng.choice(alive)
            turns[chosen].release()
            self.somebody_stopped.acquire()
            if getattr(turns[chosen], "over", False):
                alive.remove(chosen)

    def follow(self, task: Task, turn: threading.Semaphore) -> None:
        """One task, in its thread."""
        self.mine.turn = turn
        turn.acquire()
        try:
            task()
        finally:
            turn.over = True  # type: ignore[attr-defined]
            self.somebody_stopped.release()

    def switch(self) -> None:
        """Called between two calls to AWS: any of the tasks may be next. Outside of a task it does nothing."""
        turn = getattr(self.mine, "turn", None)
        if turn is not None:
            self.somebody_stopped.release()
            turn.acquire()


class OneByOne:
    """In the place of a thread pool: each task runs at once, to its end."""

    def submit(self, task: Callable[..., Any], *args: Any) -> "Future[Any]":
        """The task's result."""
        future: Future[Any] = Future()
        settle(future, lambda: task(*args))
        return future


class TurnByTurn:
    """In the place of a thread pool: the tasks that one batch puts in take turns."""

    def __init__(self, turns: TakingTurns) -> None:
        self.turns = turns
        self.waiting: list[Task] = []

    def submit(self, task: Callable[..., Any], *args: Any) -> "Future[Any]":
        """Runs with the others once all of the batch are here, which the first look at an outcome is a sign of."""
        future = Awaited(self)
        self.waiting.append(lambda: settle(future, lambda: task(*args)))
        return future

    def run_waiting(self) -> None:
        """All that came in since the last look."""
        tasks, self.waiting = self.waiting, []
        self.turns.run(tasks)


class Awaited(Future[Any]):
    """The outcome of a task that runs, with all that wait, when somebody looks."""

    def __init__(self, pool: TurnByTurn) -> None:
        super().__init__()
        self.pool = pool

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """What it raised."""
        if not self.done():
            self.pool.run_waiting()
        return super().exception(timeout)


def settle(future: "Future[Any]", task: Task) -> None:
    """The task's result or error as the future's."""
    try:
        future.set_result(task())
    except BaseException as error:  # being cut off is one too
        future.set_exception(error)
