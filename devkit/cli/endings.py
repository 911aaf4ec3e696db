"""What devkit stop, down and destroy share."""

import typer

from devkit.cli.output import Output, answer, say

_DONE = {"stop": "stopped", "down": "stopped and forgotten; its data is still there", "destroy": "gone"}


def end_instance(how: str, name: str | None, output: Output) -> None:
    """Runs `stop`, `down` or `destroy` on the instance and answers."""
    from devkit.cli.render import listening
    from devkit.cli.target import session_here
    from devkit.usecases.endings import finish

    session = session_here(name=name)
    with listening(output) as listener:
        run = finish(how, session, listener, on_wait=lambda holder: say(f"waiting for another devkit: {holder}"))
    instance = session.instance.name
    data = {"instance": instance, "changed": run.changed, "notes": list(run.session.notes), **run.session.report}
    text = (
        f"Instance {instance} is {_DONE[how]}." if run.changed else f"Instance {instance}: there was nothing to {how}."
    )
    answer(output, how, data, lambda: typer.echo(text))
