"""Addresses for machines. They start no session and set no cookie."""

from collections.abc import Iterator
from hmac import compare_digest

from flask import Blueprint, Response, abort, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from portal import metrics
from portal.blueprints.operators import queries
from portal.web import current
from portal.web.sessions import LOOPBACK

bp = Blueprint("operators", __name__)


@bp.get("/health/live")
def live() -> Response:
    """Say that this process answers. Asks nothing else: a portal that waits for its database needn't be restarted."""
    return jsonify(state=queries.State.OK)


@bp.get("/health/ready")
def ready() -> tuple[Response, int]:
    found = queries.readiness(current.resources().engine, _systems(), at=current.now())
    states = jsonify(
        ready=found.is_ready,
        degraded=found.is_degraded,
        database=found.database,
        schema=found.schema,
        worker=found.worker,
        systems=dict(found.systems),
    )
    return states, 200 if found.is_ready else 503


@bp.get("/metrics")
def numbers() -> Response:
    if not _may_read_metrics():
        abort(404)
    of_database = CollectorRegistry()
    of_database.register(_Gauges())
    text = generate_latest(metrics.registry()) + generate_latest(of_database)
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics() -> bool:
    """With a token set, only its bearer may; without one, only this machine, and nobody that a proxy lets through."""
    token = current.settings().metrics_token
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return compare_digest(given.encode(), token.get_secret_value().encode())
    forwarded = request.headers.get("X-Forwarded-For") or request.headers.get("Forwarded")
    return request.remote_addr in LOOPBACK and not forwarded and not current.settings().proxies


class _Gauges(Collector):
    """Reads the database when it is collected; without one, says so and nothing more."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            found, families = _gauges(), list(queries.families(current.db(), _systems(), now=current.now()))
        except SQLAlchemyError:
            found, families = {"database_up": 0.0}, []
        for name, value in found.items():
            yield GaugeMetricFamily(f"portal_{name}", name.replace("_", " "), value=value)
        for each in families:
            family = GaugeMetricFamily(f"portal_{each.name}", each.name.replace("_", " "), labels=[each.label])
            for of, value in each.values.items():
                family.add_metric([of], value)
            yield family


def _systems() -> list[str]:
    return [system.name for system in current.connectors().systems]


def _gauges() -> dict[str, float]:
    db, now = current.db(), current.now()
    found = {"database_up": 1.0, **queries.gauges(db, now=now)}
    for service in current.services():
        if service.gauges:
            found |= {f"{service.slug}_{name}": value for name, value in service.gauges(db, now).items()}
    return found
