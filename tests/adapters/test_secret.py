"""The stack's secret: fetched once, when something is first signed, and by whom it is asked nothing else is known."""

from unittest.mock import Mock

import pytest

from rapport.adapters.secret import Secret
from rapport.domain.tokens import Tokens


def test_it_is_read_when_it_is_first_needed_and_once() -> None:
    client = Mock()
    client.get_secret_value.return_value = {"SecretString": "s3"}
    secret = Secret(lambda: client, "arn:secret")
    assert client.get_secret_value.call_count == 0
    assert {secret.tokens.session("ada", "t-1", 0) for _ in range(3)} == {Tokens(b"s3").session("ada", "t-1", 0)}
    client.get_secret_value.assert_called_once_with(SecretId="arn:secret")


def test_a_failure_is_not_kept() -> None:
    client = Mock()
    client.get_secret_value.side_effect = [TimeoutError, {"SecretString": "s3"}]
    secret = Secret(lambda: client, "arn:secret")
    with pytest.raises(TimeoutError):
        _ = secret.tokens
    assert secret.tokens.session("ada", "t-1", 0)
