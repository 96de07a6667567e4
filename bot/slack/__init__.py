"""The ways in: one file for each thing a person can do, the two doors through which Slack comes, and the error door."""
