"""A real process that runs the embedded server until it is killed or its input ends.

    python -m tests.bot.launch DIR

Prints the address and waits.
"""

import asyncio
import sys
from pathlib import Path

from bot import engine


async def main(data_dir: Path) -> None:
    """Run until there is nobody to run for."""
    async with engine.embedded(data_dir) as url:
        print(url, flush=True)  # noqa: T201 - whoever started us reads it
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
