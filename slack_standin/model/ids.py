"""Ids in Slack's shape: a letter for the kind, then upper-case letters and digits. Counted, so a run repeats itself."""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Ids:
    """Makes ids that are unique within one stand-in."""

    def __init__(self) -> None:
        self.made = 0

    def make(self, prefix: str) -> str:
        """A new id with this prefix."""
        self.made += 1
        return prefix + "0" + base36(36**8 + self.made * 7919)


def base36(number: int) -> str:
    """A positive number in the digits that ids are made of."""
    digits = ""
    while number:
        number, remainder = divmod(number, 36)
        digits = _DIGITS[remainder] + digits
    return digits
