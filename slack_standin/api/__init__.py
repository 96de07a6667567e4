"""From the bot to Slack: the Web API, response_url addresses, file uploads and the authorization page."""
