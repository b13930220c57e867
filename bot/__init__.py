"""Closer: a scripted companion for people who crave closeness."""
