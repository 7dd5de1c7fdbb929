"""Measurements. Each prints its figures beside a baseline taken in the same run, since machines are noisy."""
