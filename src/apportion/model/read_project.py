"""Open a project: read apportion.yaml, and make its locations absolute."""

from __future__ import annotations

import os
from pathlib import Path

from apportion.domain.money import is_currency
from apportion.domain.period import Period
from apportion.domain.rate import RateType
from apportion.errors import ConfigurationError, Place
from apportion.model import marked_yaml as y
from apportion.model.address import check_address, check_endpoint, is_remote
from apportion.model.anomaly_spec import AnomalySpec
from apportion.model.faults import Faults, did_you_mean
from apportion.model.project import InvoiceGate, Project, Shadow, SourceSpec
from apportion.model.project_forms import PROJECT
from apportion.model.read_close import read_accrual, read_close
from apportion.model.read_controls import read_control
from apportion.model.read_delivery import read_delivery
from apportion.model.read_disputes import read_disputes
from apportion.model.read_erp import read_erp
from apportion.model.read_pull import read_pull
from apportion.model.read_rates import read_rate_spec
from apportion.model.read_table import TableReader, price_path, read_source_table
from apportion.model.read_usage import read_usage
from apportion.model.retention import read_retention
from apportion.model.text_file import read_text
from apportion.model.text_place import Sources
from apportion.model.values import as_amount, as_quantity, text_of, texts_of

FILE = "apportion.yaml"
COMMON_CURRENCIES = ("USD", "EUR", "GBP", "JPY", "CHF", "INR", "CAD", "AUD", "CNY")


def read_project(folder: Path) -> Project:
    """Read the project in a folder. Needs no bills, no books and no model.

    Raises ConfigurationError with every fault of apportion.yaml, each at its
    line and column.
    """
    root = folder.expanduser().resolve()
    path = root / FILE
    if not path.is_file():
        raise ConfigurationError(
            f"there is no {FILE} in {folder}",
            place=Place(FILE),
            hint="run `apportion init DIR` for a starter, or give --project DIR",
        )
    faults = Faults()
    text = read_text(path, Place(FILE), faults)
    node = y.parse_yaml(text, FILE, faults) if text is not None else None
    if node is None and not faults.found:
        faults.add(
            Place(FILE, 1, 1), f"{FILE} is empty", hint="it needs `name`, `currency`, `sources`"
        )
    project = None
    if node is not None and PROJECT.check(node, faults):
        project = _project(node, root, TableReader(Sources({FILE: text or ""}), faults), faults)
    elif isinstance(node, y.Mapping) and "currency" in node.entries:
        check_currency(node.entries["currency"], faults)  # said in one go with the other faults
    faults.raise_all()
    assert project is not None
    return project


def _project(node: y.Node, root: Path, tables: TableReader, faults: Faults) -> Project:
    assert isinstance(node, y.Mapping)
    currency = text_of(node, "currency")
    check_currency(node.entries["currency"], faults)
    locations = node.entries.get("locations")
    where = locations if isinstance(locations, y.Mapping) else None
    rates = read_rate_spec(node.entries.get("rates"), faults)
    if rates is None:
        _refuse_rate_types(node.entries.get("sources"), faults)
    engine, address = _engine(node.entries.get("engine"), faults)
    return Project(
        root=root,
        name=text_of(node, "name"),
        currency=currency,
        basis=text_of(node, "basis") or "EffectiveCost",
        lake=_folder(where, "lake", ".apportion/lake", root, faults),
        books=_books(where, root, faults),
        model_folder=_folder(where, "model", "model", root, faults),
        sources=_sources(node.entries.get("sources"), root, currency, tables, faults),
        engine=engine,
        engine_address=address,
        rates=rates,
        shadow=_shadow(node.entries.get("shadow"), root, faults),
        usage=read_usage(node.entries.get("usage"), node.entries.get("sources"), faults),
        erp=read_erp(node.entries.get("erp"), faults),
        invoice=_invoice_gate(node.entries.get("close")),
        retention=read_retention(node.entries.get("retention")),
        disputes=read_disputes(node.entries.get("disputes"), faults),
        close=read_close(node.entries.get("close"), faults),
        accrual=read_accrual(node.entries.get("accrual"), node.entries.get("sources"), faults),
        delivery=read_delivery(node.entries.get("delivery"), faults),
        anomalies=_anomalies(node.entries.get("anomalies")),
    )


def _anomalies(node: y.Node | None) -> AnomalySpec:
    if not isinstance(node, y.Mapping):
        return AnomalySpec()
    least = text_of(node, "least")
    spec = AnomalySpec()
    return AnomalySpec(
        as_quantity(least) if least else spec.least,
        text_of(node, "sensitivity") or spec.sensitivity,
    )


def _refuse_rate_types(sources: y.Node | None, faults: Faults) -> None:
    """A source can't say which rates convert it where the project converts nothing."""
    for source in sources.entries.values() if isinstance(sources, y.Mapping) else ():
        if isinstance(source, y.Mapping) and "rate_type" in source.entries:
            faults.add(
                source.keys["rate_type"],
                "`rate_type`, but the project has no `rates`",
                hint="say where rates come from: `rates: rates.csv` or `rates: ecb`",
            )


def check_currency(node: y.Node, faults: Faults) -> None:
    """Report a code that isn't a currency with a minor unit."""
    if isinstance(node, y.Scalar) and not node.missing and not is_currency(node.text):
        close = did_you_mean(node.text.upper(), COMMON_CURRENCIES, "use a code such as USD or EUR")
        hint = close if close.startswith("did") else "use an ISO 4217 code such as USD or EUR"
        faults.add(node, f"{node.text!r} is no currency with a minor unit", hint=hint)


def _shadow(node: y.Node | None, root: Path, faults: Faults) -> Shadow | None:
    """The shadow model; that its folder is there is a matter of evaluating it."""
    if not isinstance(node, y.Mapping):
        return None
    name = text_of(node, "model")
    start, until = (
        Period.parse(text) if (text := text_of(node, key)) else None for key in ("from", "until")
    )
    if start and until and until <= start:
        faults.add(
            node.entries["until"],
            f"the shadow model ends in {until}, before it begins",
            hint="`until` is the first month that is no longer part",
        )
    folder = Path(os.path.normpath(root / Path(name).expanduser()))
    return Shadow(folder, name, node.place, start, until)


def _engine(node: y.Node | None, faults: Faults) -> tuple[str, str]:
    if not isinstance(node, y.Mapping):
        name = node.text if isinstance(node, y.Scalar) else "duckdb"
        address = ""
    else:
        name, address = text_of(node, "name"), text_of(node, "address")
    if node is not None and name == "spark" and not address:
        faults.add(
            node, "spark has no address", hint="engine: {name: spark, address: sc://host:15002}"
        )
    return name, address


def _folder(where: y.Mapping | None, key: str, default: str, root: Path, faults: Faults) -> Path:
    given = where.entries.get(key) if where else None
    if not isinstance(given, y.Scalar):
        return root / default
    found = root / Path(given.text).expanduser()
    if found.exists() and not found.is_dir():
        faults.add(given, f"{given.text} is a file", hint=f"`{key}` is a folder")
    return Path(os.path.normpath(found))


def _books(where: y.Mapping | None, root: Path, faults: Faults) -> str:
    given = where.entries.get("books") if where else None
    if not isinstance(given, y.Scalar):
        return _sqlite(root / ".apportion/books.sqlite")
    text = given.text
    if text.startswith("env:"):
        name = text.removeprefix("env:")
        if not (text := os.environ.get(name, "")):
            faults.add(
                given,
                f"the environment variable {name!r} is not set",
                why="the books are opened by the URL that it holds",
                hint=f"set {name} to an SQLAlchemy URL, or name a file",
            )
            return ""
    if "://" not in text:
        path = root / Path(text).expanduser()
        if path.is_dir():
            faults.add(given, f"{given.text} is a folder", hint="name a file, say books.sqlite")
        return _sqlite(Path(os.path.normpath(path)))
    kind = text.split(":", 1)[0].split("+", 1)[0]
    if kind not in {"sqlite", "postgresql"}:
        faults.add(
            given,
            f"books of kind {kind!r} are not known",
            hint=did_you_mean(kind, ("sqlite", "postgresql")),
        )
    return text


def _sqlite(path: Path) -> str:
    return f"sqlite:///{path.as_posix()}"


def _sources(
    node: y.Node | None, root: Path, currency: str, tables: TableReader, faults: Faults
) -> dict[str, SourceSpec]:
    if not isinstance(node, y.Mapping):
        return {}
    made: dict[str, SourceSpec] = {}
    for name, source in node.entries.items():
        assert isinstance(source, y.Mapping)
        check_address(source.entries.get("path"), faults)
        check_endpoint(source.entries.get("endpoint"), text_of(source, "path"), faults)
        _check_azure(source, faults)
        if "currency" in source.entries:
            check_currency(source.entries["currency"], faults)
        own = text_of(source, "currency")
        made[name] = SourceSpec(
            name=name,
            format=text_of(source, "format"),
            path=text_of(source, "path"),
            place=node.keys[name].place,
            control=read_control(source.entries.get("control"), root, own or currency, faults),
            without=texts_of(source.entries.get("without")),
            keys=texts_of(source.entries.get("keys")),
            sheet=text_of(source, "sheet"),
            header=int(text_of(source, "header") or 0),
            endpoint=text_of(source, "endpoint"),
            currency=own,
            table=read_source_table(source, tables, faults),
            prices=price_path(source, root, faults),
            rate_type=RateType(kind) if (kind := text_of(source, "rate_type")) else None,
            final_until=text_of(source, "final_until"),
            cost=text_of(source, "cost"),
            amortized=text_of(source, "amortized"),
            decimal=text_of(source, "decimal"),
            dates=text_of(source, "dates"),
            pull=read_pull(source, faults),
            recoverable_tax=_recoverable_tax(source),
            rounding=abs(as_amount(half)) if (half := text_of(source, "rounding")) else None,
            invoice=InvoiceGate(gate) if (gate := text_of(source, "invoice")) else None,
        )
    return made


def _recoverable_tax(source: y.Mapping) -> bool | tuple[str, ...]:
    """Recovered unless it is said otherwise: so it is for most companies."""
    given = source.entries.get("recoverable_tax")
    if isinstance(given, y.Sequence):
        return texts_of(given)
    return text_of(source, "recoverable_tax") != "false"


def _invoice_gate(node: y.Node | None) -> InvoiceGate:
    found = text_of(node, "invoice") if isinstance(node, y.Mapping) else ""
    return InvoiceGate(found) if found else InvoiceGate.WHEN_THERE


def _check_azure(source: y.Mapping, faults: Faults) -> None:
    """Report settings that another format than azure would leave unread, or that contradict."""
    if text_of(source, "format") != "azure":
        for key in ("cost", "amortized", "decimal", "dates"):
            if key in source.entries:
                faults.add(
                    source.keys[key],
                    f"`{key}` is for `format: azure`",
                    hint="remove it, or correct `format`",
                )
    if text_of(source, "amortized") and is_remote(text_of(source, "path")):
        faults.add(
            source.keys["amortized"],
            "`amortized` is read from local folders only, and `path` is an address",
            hint="fetch both exports, or load one of the two",
        )
    if text_of(source, "amortized") and text_of(source, "cost") == "amortized":
        faults.add(
            source.keys["cost"],
            "`path` and `amortized` would both be of amortised cost",
            hint="`path` names the actual export then; remove `cost`",
        )
