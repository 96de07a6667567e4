"""The people of every test, named once. Of Dmitri, Slack gives no time zone."""

ANA = {"name": "ana", "real_name": "Ana Ruiz", "tz": "Europe/Berlin", "is_admin": True}
BEN = {"name": "ben", "real_name": "Ben Okafor", "tz": "America/New_York"}
CHLOE = {"name": "chloe", "real_name": "Chloe Ngata", "tz": "Pacific/Auckland"}
DMITRI = {"name": "dmitri", "real_name": "Dmitri Volkov", "tz": None}
