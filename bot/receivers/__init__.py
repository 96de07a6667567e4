"""The receivers of Slack's requests: HTTP, Socket Mode, and the dispatcher that both hand them to."""
