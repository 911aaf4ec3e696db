"""`python -m devkit.agent --folder .devkit/default`: started by `devkit up`, not by people."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devkit.agent.service import App, run_agent
from devkit.core.instance import Instance


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m devkit.agent", description="The background process of an instance."
    )
    parser.add_argument("--folder", type=Path, required=True, help="the instance's state folder")
    folder: Path = parser.parse_args().folder
    return run_agent(Instance.of_folder(folder.absolute()), embedded_openmeter)


@contextmanager
def embedded_openmeter(data: Path, token: str) -> Iterator[App]:
    """The embedded server's app on this data folder; `token` names the instance."""
    from devkit.embedded.app import build_app
    from devkit.embedded.store.store import Store

    store = Store(data)
    try:
        yield build_app(store, instance=token)
    finally:
        store.close()


if __name__ == "__main__":
    sys.exit(main())
