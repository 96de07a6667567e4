"""Tests of the house itself: its documents, its imports, its manifest and its container."""
