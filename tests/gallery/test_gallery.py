"""The gallery in the documents is what the roundups of its weeks say now."""

from tests.gallery.__main__ import GALLERY, render_all
from tests.gallery.weeks import text_of


def test_the_gallery_is_what_the_roundups_say() -> None:
    for week, messages in render_all().items():
        assert (GALLERY / f"{week.name}.txt").read_text(encoding="utf-8") == text_of(week.title, messages), (
            f"{week.title}: run `make gallery`, and read it"
        )
