"""What Winsome means by a win, a schedule and a roundup. No Slack and no SQL: standard library, dateutil and regex."""
