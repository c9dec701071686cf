"""The stack's secret, which Secrets Manager made when the stack was: read once for each process."""

from functools import cached_property
from typing import TYPE_CHECKING

from rapport.domain.tokens import Tokens

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class Secret:
    """Read when first needed: most texts need nothing signed."""

    def __init__(self, client: "SecretsManagerClient", arn: str) -> None:
        self.client = client
        self.arn = arn

    @cached_property
    def tokens(self) -> Tokens:
        """What signs with it."""
        return Tokens(self.client.get_secret_value(SecretId=self.arn)["SecretString"].encode())
