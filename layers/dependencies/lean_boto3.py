"""`sam build` calls this: leaves boto3 the services that functions call, and what of their descriptions code reads.

Half of what a cold start takes beyond imports is the reading of those descriptions, and the search through all others.
"""

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any

SERVICES = {"dynamodb", "events", "lexv2-runtime", "scheduler", "secretsmanager", "sesv2", "sns", "sqs"}
# Nothing here sends files to S3: boto3 asks that package for one name as it is imported, which is all of it in lean/.
LEAN = Path(__file__).with_name("lean")


def make_lean(python: Path) -> None:
    """`python` is where boto3 and botocore lie. Raises FileNotFoundError where they don't, or don't know a service."""
    leave_services(python / "botocore" / "data")
    shutil.rmtree(python / "s3transfer")
    shutil.copytree(LEAN, python, dirs_exist_ok=True)


def leave_services(data: Path) -> None:
    """Of the descriptions, only those of our services, unpacked."""
    for service in (folder for folder in data.iterdir() if folder.is_dir() and folder.name not in SERVICES):
        shutil.rmtree(service)
    prefixes = set()
    for service in SERVICES:
        for packed in (data / service).rglob("*.json.gz"):
            packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
            packed.unlink()
        latest = max((data / service).iterdir()) / "service-2.json"
        description = json.loads(latest.read_bytes())
        prefixes.add(description["metadata"]["endpointPrefix"])
        latest.write_text(json.dumps(without_documentation(description)), encoding="utf-8")
    places = json.loads((data / "endpoints.json").read_bytes())
    for partition in places["partitions"]:
        partition["services"] = {name: each for name, each in partition["services"].items() if name in prefixes}
    (data / "endpoints.json").write_text(json.dumps(places), encoding="utf-8")


def without_documentation(described: Any) -> Any:
    """The same, but for texts that only people read. A member that is called documentation has a shape, and stays."""
    if isinstance(described, dict):
        kept = {name: each for name, each in described.items() if name != "documentation" or not isinstance(each, str)}
        return {name: without_documentation(each) for name, each in kept.items()}
    if isinstance(described, list):
        return [without_documentation(each) for each in described]
    return described


if __name__ == "__main__":
    make_lean(Path(sys.argv[1]))
