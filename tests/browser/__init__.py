"""The playground's page: its door, its changes, and walks through it in a real Chromium."""
