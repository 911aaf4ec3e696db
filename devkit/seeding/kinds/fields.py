"""Fields that several kinds have."""

from devkit.core.shapes import Fields, MapOf, Text
from devkit.seeding.kinds.meter import instant

KEY_PATTERN = r"[a-z0-9]+(?:_[a-z0-9]+)*"
METADATA = MapOf(Text("Text.", shortest=0), "Anything else, as text by name.")
_ADDRESS = ("postalCode", "state", "city", "line1", "line2", "phoneNumber")
CUSTOMER = Text("The customer, by key.")
CURRENCY = Text("A currency such as USD.", pattern=r"[A-Z]{3}", pattern_says="a currency code such as USD")


def key(about: str) -> Text:
    """A key of OpenMeter's catalog."""
    return Text(about, pattern=KEY_PATTERN, pattern_says="made of lower-case letters, digits and single _", longest=64)


def name(about: str = "For people.") -> Text:
    return Text(about, longest=256)


def address(required: tuple[str, ...] = ()) -> Fields:
    country = Text("Such as US.", pattern="[A-Z]{2}", pattern_says="a country code of two letters such as US")
    others = {name: Text(shortest=0) for name in _ADDRESS}
    return Fields({"country": country, **others}, required=required, about="Where it is.")


def description() -> Text:
    return Text("For people.", longest=1024)


def amount(about: str) -> Text:
    """A decimal number as OpenMeter takes it: text, so that nothing is rounded."""
    return Text(about, pattern=r"-?[0-9]+(?:\.[0-9]+)?", pattern_says='a number in quotes such as "0.02"')


def time(about: str) -> Text:
    return Text(f"{about} (RFC 3339).", check=instant)


def duration(about: str) -> Text:
    pattern = r"P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?"
    return Text(about, pattern=pattern, pattern_says="an ISO 8601 duration such as P1M")


def period(about: str) -> Fields:
    """What comes again: an interval, counted from an anchor."""
    return Fields(
        {
            "interval": Text("DAY, WEEK, MONTH, YEAR or an ISO 8601 duration."),
            "anchor": time("From when periods are counted"),
        },
        required=("interval",),
        about=about,
    )


def json_text(about: str) -> Text:
    return Text(f"{about} JSON, as text.", check=_not_json)


def _not_json(text: str) -> str | None:
    import json

    try:
        json.loads(text)
    except ValueError:
        return f'{text!r} is no JSON such as \'{{"level": "gold"}}\''
    return None
