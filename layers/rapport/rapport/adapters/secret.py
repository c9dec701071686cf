"""The stack's secret, which Secrets Manager made when the stack was: read once for each process."""

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Final

from rapport.domain.tokens import Tokens

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


MAKING: Final = Lock()  # boto3's session makes one client at a time


class Secret:
    """Read, by a client that is made then, when first needed: most texts need nothing signed."""

    def __init__(self, make: "Callable[[], SecretsManagerClient]", arn: str) -> None:
        self.make = make
        self.client: SecretsManagerClient | None = None
        self.arn = arn
        self.read: Tokens | None = None

    @property
    def tokens(self) -> Tokens:
        """What signs with it. It is read under no lock: records in flight may read it twice, and read the same."""
        if self.read is None:
            with MAKING:
                self.client = self.client or self.make()
            self.read = Tokens(self.client.get_secret_value(SecretId=self.arn)["SecretString"].encode())
        return self.read
