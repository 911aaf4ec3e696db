"""A meter, features, a customer and requests about its entitlements."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from devkit.embedded.http.pipeline import Application
from tests.embedded.asgi import Answer, ask

CENTURY = {"interval": "P100Y", "anchor": "2024-01-01T00:00:00Z"}
METERED = {"type": "metered", "featureKey": "calls", "usagePeriod": CENTURY, "measureUsageFrom": "2024-01-01T00:00:00Z"}
V1 = "/api/v1/subjects/acme-user/entitlements"
V2 = "/api/v2/customers/acme/entitlements"


@dataclass
class Scene:
    app: Application
    numbers: Any = field(default_factory=count)

    def post(self, path: str, body: Any, method: str = "POST") -> Answer:
        return ask(self.app, method, path, body)

    def get(self, path: str) -> Answer:
        return ask(self.app, "GET", path)

    def made(self, path: str, body: Any, method: str = "POST") -> dict[str, Any]:
        """What a request made; it must have worked."""
        answer = self.post(path, body, method)
        assert answer.status in (200, 201), answer.body
        made: dict[str, Any] = answer.json
        return made

    def use(self, time: str, amount: float, subject: str = "acme-user") -> None:
        event = {
            "specversion": "1.0",
            "id": str(next(self.numbers)),
            "source": "shop",
            "type": "calls",
            "subject": subject,
            "time": time,
            "data": {"n": amount},
        }
        assert self.post("/api/v1/events", event).status == 204

    def value(self, key: str = "calls", query: str = "") -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"{V2}/{key}/value?{query}").json
        return found

    def detail(self, path: str, body: Any, method: str = "POST") -> tuple[int, str | None]:
        """Status and detail of a refusal."""
        answer = self.post(path, body, method)
        return answer.status, answer.json.get("detail")


def open_scene(app: Application) -> Scene:
    scene = Scene(app)
    meter = {"slug": "calls", "name": "calls", "eventType": "calls", "aggregation": "SUM", "valueProperty": "$.n"}
    scene.made("/api/v1/meters", meter)
    scene.made("/api/v1/features", {"key": "calls", "name": "calls", "meterSlug": "calls"})
    scene.made("/api/v1/features", {"key": "flag", "name": "flag"})
    customer = {"name": "Acme", "key": "acme", "usageAttribution": {"subjectKeys": ["acme-user", "acme-bot"]}}
    scene.made("/api/v1/customers", customer)
    return scene
