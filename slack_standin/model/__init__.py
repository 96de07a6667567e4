"""What the stand-in knows: state and rules, without network."""
