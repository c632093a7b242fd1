"""Measurements, one command each; nothing imports them."""
