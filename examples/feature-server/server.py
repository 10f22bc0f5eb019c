"""A small feature server that meters who reads what.

    uvicorn --app-dir examples/feature-server server:app

Features are invented from the name of the view and the entity, so that there is something to
read without a store behind it. The request has the shape of Feast's
`/get-online-features`.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from apportion.meter import AsgiMeter, KeyMap, ServiceMeter, Spool, by_header, by_key, this_call

HERE = Path(__file__).parent
VIEWS = {
    "customer_7d": ("orders", "basket_value", "days_since_visit"),
    "product_30d": ("views", "sold", "returned"),
}


async def read_features(request: Request) -> Response:
    """Rows of features for the entities that are asked for; each value is one feature read."""
    asked = await request.json()
    view = asked.get("view", "")
    if view not in VIEWS:
        return JSONResponse({"error": f"there is no view {view!r}"}, status_code=404)
    names = [name for name in VIEWS[view] if name in asked.get("features", VIEWS[view])]
    entities = asked.get("entities", [])
    this_call().describe(ResourceId=view)
    this_call().count(feature_reads=len(names) * len(entities), items=len(entities))
    rows = [[value_of(view, name, entity) for name in names] for entity in entities]
    return JSONResponse({"metadata": {"feature_names": names}, "results": rows})


def value_of(view: str, name: str, entity: object) -> int:
    return sha256(f"{view}/{name}/{entity}".encode()).digest()[0]


async def health(request: Request) -> Response:
    return PlainTextResponse("ok")


service = Starlette(
    routes=[
        Route("/get-online-features", read_features, methods=["POST"]),
        Route("/health", health),
    ]
)

meter = ServiceMeter(
    "feature-server",
    Spool(os.environ.get("FEATURES_SPOOL", HERE / "spool")),
    # The key says the team; a gateway adds the product, if it knows it.
    who=[by_key(KeyMap.from_file(HERE / "keys.json")), by_header(team="", product="x-product")],
    keep={"x-request-id": "request_id"},
)
app = AsgiMeter(service, meter)
