"""The stand-in's state and rules, without network."""
