"""Helpers of the whole-system tests: real servers on loopback, a client for Odoo, waiting with a deadline."""
