"""What a process remembers to save itself work, and may forget: as much as fits, the newest."""

from typing import Generic, TypeVar

MAX_REMEMBERED = 20_000
"""A few megabytes, in any workspace."""

Key = TypeVar("Key")
Value = TypeVar("Value")


class Remembered(Generic[Key, Value]):
    """Values by key. When there are more than `limit`, the one that was set longest ago is forgotten."""

    def __init__(self, limit: int = MAX_REMEMBERED) -> None:
        self._limit = limit
        self._values: dict[Key, Value] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._values

    def __len__(self) -> int:
        return len(self._values)

    def __setitem__(self, key: Key, value: Value) -> None:
        self._values.pop(key, None)
        self._values[key] = value
        if len(self._values) > self._limit:
            del self._values[next(iter(self._values))]

    def get(self, key: Key) -> Value | None:
        """Return the value, or None if it isn't known or was forgotten."""
        return self._values.get(key)

    def forget(self, key: Key) -> None:
        """Forget the value, if there is one."""
        self._values.pop(key, None)
