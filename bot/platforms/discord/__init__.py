"""Discord, through discord.py.

`inbound` says what an interaction or a message means, `outbound` what a reply looks like, and `commands` what the menu
holds: pure. `courier` makes the calls, `client` takes turns, `service` serves. Calls speak JSON of Discord's API v10
(https://discord.com/developers/docs).
"""
