"""Seeing and keeping: history, statistics, exports, and how to be forgotten."""
