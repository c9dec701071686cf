"""Logs and metrics, by Powertools: ids and outcomes, never an address, a name or a text."""

import traceback
import warnings

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

warnings.filterwarnings("ignore", "No application metrics to publish")  # an invocation may have nothing to count

logger = Logger(service="rapport")
metrics = Metrics(namespace="Rapport", service="rapport")  # the alarms of template.yaml go by both names


def count(name: str, number: int = 1) -> None:
    """Adds to a metric of this invocation."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=number)


def log_failure(what: str, error: BaseException) -> None:
    """Logs an error by its type and place; its text may repeat what a customer wrote."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} in {frame.name}"
    logger.error(what, error=type(error).__name__, place=place)
