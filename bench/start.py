"""From the start of the process to the first acknowledgement, and the memory it then holds.

    python -m bench.start [--starts 5]

`unlatch run` with its embedded store against the twin, over Socket Mode; the baseline is a bare Bolt app in Socket Mode
that only acknowledges. Goals: under 1 s, and under 100 MB.
"""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bench.outside import Outside, outside
from sandbox.twin import API_TOKEN, APP_TOKEN, BOT_TOKEN

SETTINGS = """
[slack]
bot_token = "{bot_token}"
app_token = "{app_token}"
api_url = "{slack_url}/api/"
[okta]
org_url = "{okta_url}"
api_token = "{api_token}"
"""


def megabytes(pid: int) -> float:
    """The resident memory of a process (proc(5)); 0 where the system does not tell it this way."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


async def start(world: Outside, command: list[str], folder: Path) -> tuple[float, float]:
    """Start a bot; seconds until it acknowledges a command, and its memory."""
    begun = time.perf_counter()
    environment = {"PATH": os.defpath}
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, env=environment)
    try:
        while not world.twin.workspace.sockets.connections:  # noqa: ASYNC110 - a process of its own gives no event
            await asyncio.sleep(0.001)
        delivery = await world.maya.command("help")
        took = time.perf_counter() - begun
        if delivery is None or not delivery.acked:
            raise RuntimeError("the command was not acknowledged")
        return took, megabytes(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


async def measure(starts: int) -> None:
    """Alternate the two."""
    root = Path(__file__).parent.parent
    found: dict[str, list[tuple[float, float]]] = {"bare": [], "ours": []}
    for _ in range(starts):
        for which, figures in found.items():
            with tempfile.TemporaryDirectory(prefix="unlatch-bench-") as name:
                async with outside() as world:
                    folder = Path(name)
                    settings = folder / "unlatch.toml"
                    settings.write_text(
                        SETTINGS.format(
                            bot_token=BOT_TOKEN,
                            app_token=APP_TOKEN,
                            api_token=API_TOKEN,
                            slack_url=world.twin.slack_url,
                            okta_url=world.twin.okta_url,
                        )
                    )
                    settings.chmod(0o600)
                    bare = [sys.executable, str(root / "bench" / "bare_socket.py"), f"{world.twin.slack_url}/api/"]
                    ours = [sys.executable, "-m", "bot", "run", "--config", str(settings)]
                    figures.append(await start(world, ours if which == "ours" else bare, folder))
    for which, figures in found.items():
        seconds, memory = (median(values) for values in zip(*figures, strict=True))
        print(f"{which}  start to first acknowledgement: median {seconds:.2f} s,  memory {memory:.0f} MB")
    ratio = median(a for a, _ in found["ours"]) / median(a for a, _ in found["bare"])
    print(f"\nours / bare: {ratio:.2f} (goals: under 1 s, under 100 MB)")


def main() -> None:
    """Measure both and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=5)
    asyncio.run(measure(parser.parse_args().starts))


if __name__ == "__main__":
    main()
