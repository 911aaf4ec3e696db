"""What `up` leaves on the screen: what runs, how to reach it, and what to do next."""

import textwrap

from devkit.adapters.backends.agent_process import SERVICE
from devkit.cli.program import program
from devkit.usecases.runner import Run
from devkit.usecases.session import Session


def after_up(run: Run[Session]) -> list[str]:
    """Lines of at most 80 columns, but for folders and URLs that are longer."""
    session = run.session
    state, settings = session.known, session.settings
    name, devkit = session.instance.name, program()
    flag = "" if name == "default" else f" --name {name}"
    remote = not session.backend.offsets
    empty = not settings.seed and not state.seeds
    notes = [line for note in session.notes for line in _wrapped(f"note: {note}")]
    return [
        "",
        _headline(run),
        *_changes(session),
        *notes,
        "",
        f"  OpenMeter   {state.url}",
        *_place(session),
        *_outside(session),
        "",
        "Next:",
        *_commands(
            [
                (f'eval "$({devkit} env{flag})"', "set OPENMETER_URL in this shell"),
                *([(f"{devkit} up{flag} --seed minimal", "fill it with meters and events")] if empty else []),
                *([] if settings.smoke else [(f"{devkit} smoke{flag}", "check all that it does")]),
                *([(f"{devkit} stripe trigger invoice.paid{flag}", "have one paid")] if _has_stripe(session) else []),
                *([] if remote else [(f"{devkit} logs{flag} -f", "watch its log")]),
                *([] if remote else [(f"{devkit} stop{flag}", "end it; the data stays")]),
            ]
        ),
        "",
        "Send an event of your own:",
        f"  curl -i {state.url}/api/v1/events \\",
        "    -H 'Content-Type: application/cloudevents+json' \\",
        """    -d '{"specversion":"1.0","id":"1","source":"me",""",
        """         "type":"request","subject":"customer-1"}'""",
    ]


def _changes(session: Session) -> list[str]:
    """What was done to services that were there, and why; that new ones were made is no news."""
    if session.backend.name != "compose":
        return []
    rows = session.report.get("changes", ())
    if any((row["service"], row["action"]) == ("openmeter", "create") for row in rows):
        rows = [row for row in rows if row["service"] != SERVICE]
    rows = [row for row in rows if row["action"] != "create"]
    return [line for row in rows for line in _wrapped(f"{row['action']} {row['service']}: {row['reason']}")]


def _place(session: Session) -> list[str]:
    if session.backend.name == "embedded":
        return [f"  data        {session.instance.data_folder}"]
    return ["  services    devkit status lists them"] if session.backend.name == "compose" else []


def _outside(session: Session) -> list[str]:
    """How Stripe reaches it, and what is at Stripe."""
    lines = []
    if tunnel := session.report.get("tunnel"):
        lines.append(f"  public      {tunnel['url']}" + (" (stand-in)" if session.wish.offline else ""))
    if stripe := session.report.get("stripe"):
        where = "its stand-in" if session.wish.offline else f"{stripe['account']}, test mode"
        lines.append(f"  Stripe      app {stripe['app']} ({where})")
    return lines


def _has_stripe(session: Session) -> bool:
    return "stripe" in session.report


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 80, subsequent_indent="      ", break_long_words=False, break_on_hyphens=False)


def _headline(run: Run[Session]) -> str:
    name = run.session.instance.name
    if run.changed:
        return f"Instance {name} is up, done in {run.seconds:.1f} s."
    return f"Instance {name} was up already; nothing changed ({run.seconds:.1f} s)."


def _commands(rows: list[tuple[str, str]]) -> list[str]:
    width = max(len(command) for command, _ in rows)
    return [f"  {command:<{width}}   {meaning}" for command, meaning in rows]
