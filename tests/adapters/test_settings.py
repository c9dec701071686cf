"""The environment of a function: complete, or a cold start that says what is missing."""

import os
from pathlib import Path
from unittest.mock import patch

import pytest
from pydantic import ValidationError

from local.template import Stack
from rapport.adapters.settings import Settings, settings

WHOLE = {name.upper(): f"the {name}" for name in Settings.model_fields}
NEEDED = [name.upper() for name, field in Settings.model_fields.items() if field.is_required()]


def test_every_variable_is_read() -> None:
    with patch.dict(os.environ, WHOLE, clear=True):
        found = settings()
    assert found.content == Path("the content")
    assert {name: str(value) for name, value in found} == {name: f"the {name}" for name in Settings.model_fields}


@pytest.mark.parametrize("missing", NEEDED)
def test_a_missing_variable_is_named_and_it_alone(missing: str) -> None:
    rest = {name: value for name, value in WHOLE.items() if name != missing}
    with patch.dict(os.environ, rest, clear=True), pytest.raises(ValidationError) as caught:
        settings()
    assert [error["loc"] for error in caught.value.errors()] == [(missing.lower(),)]
    assert missing.lower() in str(caught.value)


def test_other_variables_are_none_of_our_business() -> None:
    with patch.dict(os.environ, {**WHOLE, "PATH": "/bin", "EXTRA": "x"}, clear=True):
        assert "EXTRA" not in settings().model_dump()


def test_what_only_some_functions_have_is_nothing_in_the_others() -> None:
    with patch.dict(os.environ, {name: WHOLE[name] for name in NEEDED}, clear=True):
        found = settings()
    assert {str(value) for name, value in found if name.upper() not in NEEDED} == {""}


def test_the_template_gives_every_function_all_that_it_needs() -> None:
    given = Stack().template["Globals"]["Function"]["Environment"]["Variables"]
    assert set(NEEDED) <= set(given)
