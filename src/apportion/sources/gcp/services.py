"""What kind of service a Google service is: its FOCUS category, by id or by name.

Source: the product pages of Google Cloud, read for FOCUS 1.4's ServiceCategory.
Ids are given where a bill names them; names are compared in lower case. A
service that isn't listed is "Other".
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from apportion.sources.expression import expression
from apportion.store.relation import text

OTHER = "Other"

BY_ID: Mapping[str, str] = {
    "6F81-5844-456A": "Compute",
    "95FF-2EF5-5EA1": "Storage",
    "C7E2-9256-1C43": "AI and Machine Learning",
    "24E6-581D-38E5": "Analytics",
    "9662-B51E-5089": "Databases",
    "CCD8-9BF1-090E": "Compute",
    "152E-C115-5142": "Compute",
    "E505-1604-58F8": "Networking",
}

SERVICES: Mapping[str, tuple[str, ...]] = {
    "AI and Machine Learning": (
        "vertex ai",
        "vertex ai search",
        "gemini api",
        "generative language api",
        "gemini enterprise",
        "cloud machine learning engine",
        "cloud automl",
        "cloud tpu",
        "cloud natural language api",
        "cloud natural language",
        "cloud speech api",
        "cloud speech-to-text",
        "cloud text-to-speech api",
        "cloud translation api",
        "translate",
        "cloud vision api",
        "cloud video intelligence api",
        "document ai",
        "cloud document ai api",
        "cloud dialogflow api",
        "dialogflow",
        "recommendations ai",
        "notebooks",
    ),
    "Analytics": (
        "bigquery",
        "bigquery bi engine",
        "bigquery data transfer service",
        "bigquery reservation api",
        "bigquery storage api",
        "cloud composer",
        "cloud data fusion",
        "cloud dataflow",
        "cloud dataproc",
        "dataplex",
        "looker",
        "looker studio",
        "managed service for apache spark",
    ),
    "Compute": (
        "app engine",
        "backup for gke",
        "batch",
        "cloud functions",
        "cloud run",
        "cloud run functions",
        "compute engine",
        "kubernetes engine",
        "vmware engine",
    ),
    "Databases": (
        "alloydb",
        "cloud bigtable",
        "cloud datastore",
        "cloud firestore",
        "cloud memorystore for memcached",
        "cloud memorystore for redis",
        "cloud spanner",
        "cloud sql",
        "firebase realtime database",
        "memorystore for valkey",
    ),
    "Developer Tools": ("artifact registry", "cloud build", "cloud workstations", "firebase"),
    "Identity": ("identity platform", "cloud identity", "managed service for microsoft ad"),
    "Integration": (
        "apigee",
        "application integration",
        "cloud pub/sub",
        "cloud scheduler",
        "cloud tasks",
        "eventarc",
        "managed service for apache kafka",
        "workflows",
    ),
    "Management and Governance": (
        "cloud logging",
        "cloud monitoring",
        "stackdriver",
        "stackdriver logging",
        "stackdriver monitoring",
        "support",
    ),
    "Media": ("live stream api", "transcoder api"),
    "Migration": ("storage transfer service", "transfer appliance"),
    "Networking": (
        "cloud cdn",
        "cloud dns",
        "cloud domains",
        "cloud interconnect",
        "cloud nat",
        "cloud vpn",
        "networking",
    ),
    "Security": (
        "certificate authority service",
        "cloud armor",
        "cloud key management service (kms)",
        "google security operations",
        "recaptcha enterprise",
        "secret manager",
        "security command center",
    ),
    "Storage": (
        "backup and dr service",
        "cloud filestore",
        "cloud storage",
        "cloud storage for firebase",
        "netapp volumes",
    ),
}


def service_category(service_id: exp.Expr, name: exp.Expr) -> exp.Expr:
    """The FOCUS category of a service: by its id, else by its name."""
    cases = [_case(service_id, _ids(kind), kind) for kind in sorted(set(BY_ID.values()))]
    lowered = expression("SELECT lower(_name)", _name=name)
    cases += [_case(lowered, names, kind) for kind, names in SERVICES.items()]
    return exp.Case(ifs=cases, default=text(OTHER))


def _ids(kind: str) -> tuple[str, ...]:
    return tuple(service_id for service_id, found in BY_ID.items() if found == kind)


def _case(value: exp.Expr, among: tuple[str, ...], kind: str) -> exp.If:
    known = exp.In(this=value.copy(), expressions=[text(one) for one in among])
    return exp.If(this=known, true=text(kind))
