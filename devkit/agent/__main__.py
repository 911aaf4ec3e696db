"""`python -m devkit.agent --folder .devkit/default`: started by `devkit up`, not by people."""

import argparse
import sys
from contextlib import AbstractContextManager
from pathlib import Path

from devkit.agent.service import run_agent
from devkit.agent.serving import Server
from devkit.core.instance import Instance


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m devkit.agent", description="The background process of an instance."
    )
    parser.add_argument("--folder", type=Path, required=True, help="the instance's state folder")
    folder: Path = parser.parse_args().folder
    return run_agent(Instance.of_folder(folder.absolute()), _open_server)


def _open_server(data: Path, token: str) -> AbstractContextManager[Server]:
    # Imported only once the port is known to be free: it takes as long as all the rest.
    from devkit.adapters.backends.foreground import open_server

    return open_server(data, token)


if __name__ == "__main__":
    sys.exit(main())
