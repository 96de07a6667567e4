"""The transactional outbox: stored messages are posted to Slack exactly once."""
