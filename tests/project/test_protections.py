"""The table of protections is true: each is where it says, and so are the tests that miss it."""

import pytest

from tests.mutants.protections import PROTECTIONS, Protection
from tests.project.paths import PROJECT


@pytest.mark.parametrize("protection", PROTECTIONS, ids=lambda protection: str(protection.name))
def test_each_protection_is_there_and_so_are_its_tests(protection: Protection) -> None:
    mutation = protection.mutation(PROJECT)
    assert mutation.before != mutation.after
    for test in protection.tests:
        path, _, name = test.partition("::")
        assert f"def {name}" in (PROJECT / path).read_text(), test
