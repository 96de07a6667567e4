"""From Slack to the bot: events and payloads, over Socket Mode or HTTP."""
