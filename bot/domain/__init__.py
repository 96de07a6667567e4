"""What Winsome means by a win, a schedule and a roundup. Standard library only: no Slack, no SQL."""
