"""The error for a database that doesn't work: it doesn't answer, is full, locked, read-only or gone."""

import sqlite3
from typing import Any

from sqlalchemy.exc import DBAPIError, OperationalError

UNAVAILABLE_SQLSTATES = ("08", "25006", "53", "55P03", "57", "58")
"""How PostgreSQL's codes begin for a lost connection, read-only, no room, a lock or statement that took too long, a
server that stops, and a failing disk."""
UNAVAILABLE_SQLITE_CODES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)
UNCERTAIN_SQLITE_CODES = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT})
"""After these, a commit that failed may be found in the file later."""


class DatabaseUnavailable(OperationalError):
    """The database doesn't do its work now. `may_be_saved` is whether the write may be committed all the same."""

    def __init__(self, reason: str, *, may_be_saved: bool = False, cause: BaseException | None = None) -> None:
        super().__init__(None, None, cause or TimeoutError(reason), hide_parameters=True)
        self.reason = reason
        self.may_be_saved = may_be_saved

    def __str__(self) -> str:
        return self.reason


class DatabaseLost(DatabaseUnavailable):
    """The database file isn't the one that was opened. Nothing is saved until someone puts that right."""


def as_unavailable(error: Exception, *, is_commit: bool = False) -> Exception:
    """Return DatabaseUnavailable if that is what `error` says, else the error itself."""
    if isinstance(error, DatabaseUnavailable) or not isinstance(error, DBAPIError | sqlite3.Error):
        return error
    driver_error = error.orig if isinstance(error, DBAPIError) else error  # that of a BEGIN is the driver's own
    if isinstance(driver_error, sqlite3.Error):
        code = getattr(driver_error, "sqlite_errorcode", 0) & 0xFF  # without the details
        is_unavailable, is_uncertain = code in UNAVAILABLE_SQLITE_CODES, code in UNCERTAIN_SQLITE_CODES
    else:
        assert isinstance(error, DBAPIError), "SQLAlchemy has wrapped it"
        sqlstate: Any = getattr(driver_error, "sqlstate", None)
        is_uncertain = error.connection_invalidated or _has_no_connection(error)
        is_unavailable = is_uncertain or str(sqlstate).startswith(UNAVAILABLE_SQLSTATES)
    if not is_unavailable:
        return error
    return DatabaseUnavailable(
        f"the database failed: {_words(driver_error)}", may_be_saved=is_commit and is_uncertain, cause=driver_error
    )


def _words(driver_error: Any) -> str:
    """Return the driver's message without values from rows."""
    if isinstance(driver_error, sqlite3.Error):
        return str(driver_error)
    diagnostics = getattr(driver_error, "diag", None)
    return (diagnostics and diagnostics.message_primary) or type(driver_error).__name__


def _has_no_connection(error: DBAPIError) -> bool:
    """Whether the driver, not the server, raised an error of its connection: it has no code then."""
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) is None
