"""One attempt at a carrier: exactly one request on the wire, and whatever comes of it, the right answer."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from rapport.adapters.carriers import ONE_ATTEMPT, POOLED, attempt
from rapport.adapters.ses import Mails
from rapport.adapters.sns import Texts
from rapport.domain.attempt import Accepted, Answer, InDoubt, NotAccepted, Refused
from rapport.domain.message import Content
from rapport.domain.sending import LEASE
from tests.adapters.stub import Wire, answered, ses_refused, ses_took, sns_refused, sns_took, wire
from tests.domain.builders import EMAIL, PHONE, a_message

PERMANENT = frozenset({"BadContent"})
CLOSED = frozenset({"OptedOut"})
SECRET = f"{PHONE} wrote something"  # what an error's text may repeat
URL = {"endpoint_url": f"https://stub.invalid/{PHONE}"}


def failing(error: Exception) -> Callable[[], str]:
    def call() -> str:
        raise error

    return call


def client_error(status: int | None, code: str | None) -> ClientError:
    answer: dict[str, Any] = {"Error": {"Message": SECRET}, "ResponseMetadata": {}}
    if code is not None:
        answer["Error"]["Code"] = code
    if status is not None:
        answer["ResponseMetadata"]["HTTPStatusCode"] = status
    return ClientError(answer, "Publish")  # type: ignore[arg-type]


def test_a_call_that_returns_is_accepted_under_the_carriers_id() -> None:
    assert attempt(lambda: "c-1", PERMANENT, CLOSED) == Accepted("c-1")


@pytest.mark.parametrize(
    ("status", "code", "answer"),
    [
        (400, "BadContent", Refused("BadContent")),
        (400, "OptedOut", Refused("OptedOut", suppress=True)),
        (400, "Throttling", NotAccepted("Throttling")),
        (429, "TooManyRequestsException", NotAccepted("TooManyRequestsException")),
        (403, "AccessDenied", NotAccepted("AccessDenied")),
        (404, "NotFoundException", NotAccepted("NotFoundException")),
        (413, "413", NotAccepted("413")),
        (499, "Odd", NotAccepted("Odd")),
        (500, "InternalError", InDoubt("500 InternalError")),
        (502, "502", InDoubt("502 502")),
        (503, "ServiceUnavailable", InDoubt("503 ServiceUnavailable")),
        (504, "Throttling", InDoubt("504 Throttling")),
        (500, "BadContent", Refused("BadContent")),
        (None, "InternalError", InDoubt("500 InternalError")),
        (400, None, NotAccepted("Unknown")),
        (None, None, InDoubt("500 Unknown")),
    ],
)
def test_an_error_of_the_service_is_answered_by_its_code_and_status(
    status: int | None, code: str | None, answer: Answer
) -> None:
    found = attempt(failing(client_error(status, code)), PERMANENT, CLOSED)
    assert found == answer
    assert SECRET not in str(found)


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (exceptions.ConnectTimeoutError(**URL), NotAccepted("ConnectTimeoutError")),
        (exceptions.EndpointConnectionError(**URL), NotAccepted("EndpointConnectionError")),
        (exceptions.NoCredentialsError(), NotAccepted("NoCredentialsError")),
        (exceptions.ParamValidationError(report=PHONE), Refused("ParamValidationError")),
        (exceptions.ReadTimeoutError(**URL), InDoubt("ReadTimeoutError")),
        (exceptions.ConnectionClosedError(**URL), InDoubt("ConnectionClosedError")),
        (exceptions.HTTPClientError(error=OSError(PHONE)), InDoubt("HTTPClientError")),
        (exceptions.SSLError(**URL, error=OSError(PHONE)), InDoubt("SSLError")),
        (exceptions.ProxyConnectionError(proxy_url=PHONE), InDoubt("ProxyConnectionError")),
        (exceptions.ResponseStreamingError(error=PHONE), InDoubt("ResponseStreamingError")),
        (exceptions.IncompleteReadError(actual_bytes=1, expected_bytes=2), InDoubt("IncompleteReadError")),
        (BotoCoreError(), InDoubt("BotoCoreError")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_call_that_never_ended_well_is_in_doubt_unless_it_never_began(error: Exception, answer: Answer) -> None:
    found = attempt(failing(error), PERMANENT, CLOSED)
    assert found == answer
    assert PHONE not in str(found)


def test_a_mistake_of_ours_is_no_answer_of_a_carriers() -> None:
    with pytest.raises(ZeroDivisionError):
        attempt(failing(ZeroDivisionError()), PERMANENT, CLOSED)


def send_text(answer: Any) -> tuple[Wire, Answer]:
    sns = wire("sns", answer, ONE_ATTEMPT)
    return sns, Texts(sns.client, "FernOak", "", "0.50").send(a_message(), Content(text="Hello"), PHONE)


def send_mail(answer: Any) -> tuple[Wire, Answer]:
    ses = wire("sesv2", answer, ONE_ATTEMPT)
    mails = Mails(ses.client, "us@example.com", "set")
    return ses, mails.send(a_message(), Content(text="Hello", subject="Hi", html="<p>Hello</p>"), EMAIL)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (sns_took("c-1"), Accepted("c-1")),
        (sns_refused(400, "OptedOut", SECRET), Refused("OptedOut", suppress=True)),
        (sns_refused(400, "InvalidParameter", SECRET), Refused("InvalidParameter")),
        (sns_refused(400, "ValidationError"), Refused("ValidationError")),
        (sns_refused(400, "Throttled"), NotAccepted("Throttled")),
        (sns_refused(429, "ThrottlingException"), NotAccepted("ThrottlingException")),
        (sns_refused(403, "AuthorizationError"), NotAccepted("AuthorizationError")),
        (sns_refused(500, "InternalError", SECRET), InDoubt("500 InternalError")),
        (answered(503, ""), InDoubt("503 503")),
        (answered(502, "<html>Bad gateway</html>"), InDoubt("502 502")),
        (exceptions.ReadTimeoutError(**URL), InDoubt("ReadTimeoutError")),
        (exceptions.ConnectionClosedError(**URL), InDoubt("ConnectionClosedError")),
        (exceptions.ConnectTimeoutError(**URL), NotAccepted("ConnectTimeoutError")),
        (exceptions.EndpointConnectionError(**URL), NotAccepted("EndpointConnectionError")),
    ],
)
def test_a_text_is_one_request_whatever_sns_says(answer: Any, expected: Answer) -> None:
    sns, found = send_text(answer)
    assert (len(sns.requests), found) == (1, expected)
    assert PHONE not in str(found)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (ses_took("c-1"), Accepted("c-1")),
        (ses_refused(400, "MessageRejected", SECRET), Refused("MessageRejected")),
        (ses_refused(400, "BadRequestException", SECRET), Refused("BadRequestException")),
        (ses_refused(429, "TooManyRequestsException"), NotAccepted("TooManyRequestsException")),
        (ses_refused(400, "LimitExceededException"), NotAccepted("LimitExceededException")),
        (ses_refused(400, "SendingPausedException"), NotAccepted("SendingPausedException")),
        (ses_refused(400, "AccountSuspendedException"), NotAccepted("AccountSuspendedException")),
        (ses_refused(400, "MailFromDomainNotVerifiedException"), NotAccepted("MailFromDomainNotVerifiedException")),
        (ses_refused(404, "NotFoundException"), NotAccepted("NotFoundException")),
        (ses_refused(500, "InternalFailure", SECRET), InDoubt("500 InternalFailure")),
        (answered(503, ""), InDoubt("503 503")),
        (exceptions.ReadTimeoutError(**URL), InDoubt("ReadTimeoutError")),
        (exceptions.ConnectionClosedError(**URL), InDoubt("ConnectionClosedError")),
        (exceptions.ConnectTimeoutError(**URL), NotAccepted("ConnectTimeoutError")),
    ],
)
def test_an_e_mail_is_one_request_whatever_ses_says(answer: Any, expected: Answer) -> None:
    ses, found = send_mail(answer)
    assert (len(ses.requests), found) == (1, expected)
    assert PHONE not in str(found)


@pytest.mark.parametrize("send", [send_text, send_mail])
@pytest.mark.parametrize("body", ["<PublishResponse><Publi", "{", "<x/>", "{}"])
def test_an_answer_that_nobody_can_read_is_a_doubt(send: Callable[[Any], tuple[Wire, Answer]], body: str) -> None:
    sent, found = send(answered(200, body))
    assert isinstance(found, InDoubt)
    assert len(sent.requests) == 1


def test_without_our_configuration_boto3_would_have_sent_again() -> None:
    sns = wire("sns", lambda number: sns_refused(500, "InternalError") if number == 0 else sns_took("c-2"))
    assert Texts(sns.client, "", "", "").send(a_message(), Content(text="Hello"), PHONE) == Accepted("c-2")
    assert len(sns.requests) == 2


def test_both_timeouts_leave_half_of_the_lease() -> None:
    for config in (ONE_ATTEMPT, POOLED):
        assert config.connect_timeout + config.read_timeout < LEASE.total_seconds() / 2  # type: ignore[attr-defined]
