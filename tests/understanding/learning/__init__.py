"""How the network of bot/content/crisis is learned. Not run by the tests, and no part of the program; see __main__.py."""
