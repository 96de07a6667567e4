"""How fast Winsome is, as ratios to floors that are measured in the same run (`make bench`)."""
