"""The playground proper: launcher, player, status."""
