"""`python -m bot` is `closer`."""

from bot.cli import main

raise SystemExit(main())
