"""Tests of the parts that read a list."""
