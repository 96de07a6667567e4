"""The fields of a form as Slack posts it."""

from urllib.parse import parse_qsl, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.receivers.http import MAX_FIELDS, _parse_form

forms = st.text(st.sampled_from("ab=&%+;01C3é€\x00# ")) | st.text().map(quote_plus) | st.text()


@given(forms)
def test_a_form_is_read_as_the_standard_library_reads_it(text: str) -> None:
    assert _parse_form(text) == dict(parse_qsl(text, keep_blank_values=True))


def test_a_form_of_too_many_fields_is_malformed() -> None:
    assert _parse_form("&".join(["a=1"] * MAX_FIELDS)) == {"a": "1"}
    with pytest.raises(ValueError, match="too many fields"):
        _parse_form("&".join(["a=1"] * (MAX_FIELDS + 1)))
