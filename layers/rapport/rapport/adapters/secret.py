"""The stack's secret, which Secrets Manager made when the stack was: read once for each process."""

from typing import TYPE_CHECKING

from rapport.domain.tokens import Tokens

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class Secret:
    """Read when first needed: most texts need nothing signed."""

    def __init__(self, client: "SecretsManagerClient", arn: str) -> None:
        self.client = client
        self.arn = arn
        self.read: Tokens | None = None

    @property
    def tokens(self) -> Tokens:
        """What signs with it. No lock: records in flight together may read it twice, and read the same."""
        if self.read is None:
            self.read = Tokens(self.client.get_secret_value(SecretId=self.arn)["SecretString"].encode())
        return self.read
