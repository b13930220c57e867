"""Telegram, by python-telegram-bot."""

import os

# The library's own switch for the kind of value that its next major version will give; without it each 429 warns.
os.environ.setdefault("PTB_TIMEDELTA", "true")
