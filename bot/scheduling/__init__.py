"""What happens by itself: the ticker, and the jobs that it runs."""
