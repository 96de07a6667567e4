"""The people of every test, named once. Of Dmitri, Slack gives no time zone."""

from typing import Any

Profile = dict[str, Any]

ANA: Profile = {"name": "ana", "real_name": "Ana Ruiz", "tz": "Europe/Berlin", "is_admin": True}
BEN: Profile = {"name": "ben", "real_name": "Ben Okafor", "tz": "America/New_York"}
CHLOE: Profile = {"name": "chloe", "real_name": "Chloe Ngata", "tz": "Pacific/Auckland"}
DMITRI: Profile = {"name": "dmitri", "real_name": "Dmitri Volkov", "tz": None}
