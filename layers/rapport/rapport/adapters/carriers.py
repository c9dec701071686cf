"""One attempt at a carrier: whatever comes of the call, an answer."""

from collections.abc import Callable
from typing import Final

from botocore import __version__
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
)
from botocore.parsers import ResponseParserError

from rapport.domain.attempt import Accepted, Answer, InDoubt, NotAccepted, Refused

# As many connections as a batch has records in flight; and a name of ours, since botocore spells its own anew for each
# request, letter by letter.
OF_BATCHES: Final = Config(user_agent=f"rapport Botocore/{__version__}", max_pool_connections=100)
# boto3 would put up to three sends on the wire by itself. Both timeouts together stay far below half of the lease.
ONE_ATTEMPT: Final = OF_BATCHES.merge(Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=10))
# Others of the batch have claimed their messages and wait for a request that hangs: it gives up soon, and its queue
# tries again. DynamoDB checks what it is asked: for botocore to do it too takes a twentieth of a sender's time.
POOLED: Final = OF_BATCHES.merge(
    Config(
        retries={"mode": "standard", "total_max_attempts": 2},
        connect_timeout=1,
        read_timeout=2,
        parameter_validation=False,
    )
)
SERVER_ERROR = 500


def attempt(call: Callable[[], str], permanent: frozenset[str], closed: frozenset[str]) -> Answer:
    """Makes the call, which returns the carrier's id.

    `permanent` are the service's error codes that no later attempt will change, `closed` those that say that the
    address wants nothing from us. Error texts stay out of the answer: they may repeat the address.
    """
    try:
        return Accepted(call())
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "Unknown")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", SERVER_ERROR)
        if code in closed:
            return Refused(code, suppress=True)
        if code in permanent:
            return Refused(code)
        return InDoubt(f"{status} {code}") if status >= SERVER_ERROR else NotAccepted(code)
    except ParamValidationError:
        return Refused("ParamValidationError")
    except (ConnectTimeoutError, EndpointConnectionError, NoCredentialsError) as error:
        return NotAccepted(type(error).__name__)
    except (BotoCoreError, ResponseParserError, KeyError) as error:  # an answer that nobody can read is one too
        return InDoubt(type(error).__name__)
