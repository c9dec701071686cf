"""Logs and metrics, by Powertools: ids and outcomes, never an address, a name or a text."""

import traceback
import warnings
from typing import Any, Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import MetricUnit

warnings.filterwarnings("ignore", "No application metrics to publish")  # an invocation may have nothing to count

# A line's log group says which function of which stack it is of; every byte is paid for.
SAID_BY_THE_LOG_GROUP: Final = {"service", "function_name", "function_arn", "function_memory_size", "cold_start"}


class ShortLines(LambdaPowertoolsFormatter):
    """Lines without what is said elsewhere, and without what isn't known."""

    def serialize(self, log: Any) -> str:
        """The line as JSON."""
        return super().serialize(
            {name: value for name, value in log.items() if value is not None and name not in SAID_BY_THE_LOG_GROUP}
        )


logger = Logger(service="rapport", location=None, logger_formatter=ShortLines())
metrics = Metrics(namespace="Rapport", service="rapport")  # the alarms of template.yaml go by both names


def count(name: str, number: int = 1) -> None:
    """Adds to a metric of this invocation."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=number)


def log_failure(what: str, error: BaseException) -> None:
    """Logs an error by its type and place; its text may repeat what a customer wrote."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} in {frame.name}"
    logger.error(what, error=type(error).__name__, place=place)
