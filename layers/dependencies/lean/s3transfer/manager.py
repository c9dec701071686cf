"""The name that boto3 asks for."""


class TransferConfig:
    """How files would be sent."""
