"""The playground's page: its server, its changes, and walks through it in a real Chromium."""
