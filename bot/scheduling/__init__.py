"""When something has to happen by itself: the ticker, and the jobs that it wakes."""
