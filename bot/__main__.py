"""`python -m bot` is the command `unlatch`."""

import sys

from bot.cli import main

sys.exit(main())
