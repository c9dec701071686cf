"""`sam build` calls this: puts JSON in the place of each YAML file of a folder, as functions read it in no time."""

import json
import sys
from pathlib import Path

import yaml


def put_json_in_place(folder: Path) -> None:
    """Raises yaml.YAMLError for what is no YAML, and TypeError for what JSON has no word for, such as a date."""
    for file in sorted(folder.rglob("*.yaml")):
        values = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
        file.with_suffix(".json").write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
        file.unlink()


if __name__ == "__main__":
    put_json_in_place(Path(sys.argv[1]))
