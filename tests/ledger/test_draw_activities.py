"""Quantities instead of amounts: what cost centres took, for SAP's activity allocation."""

from __future__ import annotations

from pathlib import Path

import pytest

from apportion.errors import Place
from apportion.ledger.draw_activities import Activities, draw_activities
from apportion.model.erp_spec import ErpSpec
from apportion.publish.erp import sap_activity
from apportion.publish.erp.settings import ErpSettings
from bills import row
from small_projects import Small

MODEL = """
organisation:
  - {name: nlp, kind: team, cost_center: CC-1, mode: chargeback, entity: DE}
  - {name: cv, kind: team, cost_center: CC-2, mode: chargeback, entity: DE}
  - {name: search, kind: team, cost_center: CC-1, mode: chargeback, entity: DE}
  - {name: lab, kind: team, cost_center: CC-3, mode: showback, entity: DE}
pools:
  - {name: gpu, service: GPU, split: {by: standard_rate, driver: hours, rate: "3.20"}}
  - {name: shared, service: Shared, split: {by: even}}
drivers:
  - {name: hours, unit: H, file: hours.csv}
entities: [{name: DE, code: "1010"}]
accounts:
  - {name: "600100", kind: expense}
  - {name: "659900", kind: recovery}
postings:
  - {name: all, account: "600100"}
senders:
  - {entity: DE, cost_center: CC-9, recovery: "659900"}
"""
HOURS = (
    "team,period,quantity\nnlp,2026-10,10.0005\ncv,2026-10,20\nsearch,2026-10,2\nlab,2026-10,7\n"
)


@pytest.fixture
def place(tmp_path: Path) -> Small:
    small = Small(tmp_path / "small")
    small.bill(row("100.00", ServiceName="GPU"), row("9.00", ServiceName="Shared"))
    (small.root / "model" / "hours.csv").write_text(HOURS)
    small.write(MODEL)
    return small


def drawn(place: Small, *pools: str) -> Activities:
    run, model = place.run()
    return draw_activities(run, model, pools)


def given(**options: str) -> ErpSettings:
    made = {"controlling_area": ("A000",), "activity_types": ("gpu=GPUH",)}
    made |= {name: (value,) for name, value in options.items()}
    return ErpSettings(ErpSpec("sap-activity", Place("apportion.yaml"), made))


def test_quantities_of_a_cost_centre_are_added_up(place: Small) -> None:
    """nlp and search share CC-1; the lab only sees its bill."""
    found = drawn(place, "gpu")
    assert [(one.receiver, str(one.quantity), one.unit) for one in found.activities] == [
        ("CC-1", "24001/2000", "H"),
        ("CC-2", "20", "H"),
    ]
    assert {one.sender for one in found.activities} == {"CC-9"}


def test_rows_are_what_kb21n_asks_for(place: Small) -> None:
    """12.0005 hours and 20: thousandths that sum to 32.001, the pool's rounded."""
    found = drawn(place, "gpu").activities
    assert sap_activity.check(found, given()) == ()
    content = sap_activity.write(found, given())["sap-activity.csv"].decode()
    _, first, second = (line.split(",") for line in content.splitlines())
    assert first[1:4] == ["A000", "2026-10-31", "2026-10-31"]
    assert first[5:11] == ["1", "CC-9", "GPUH", "CC-1", "12.001", "H"]
    assert second[5:11] == ["2", "CC-9", "GPUH", "CC-2", "20.000", "H"]
    assert first[0] == second[0]


def test_a_pool_without_quantities_is_an_error(place: Small) -> None:
    (fault,) = drawn(place, "shared").findings
    assert (fault.code, "pool shared" in fault.message) == ("activity-without-quantity", True)


def test_what_sap_cannot_take_is_an_error(place: Small) -> None:
    found = drawn(place, "gpu").activities
    wrong = {
        "erp-name-too-long": given(activity_types="gpu=GPUHOURS"),
        "erp-name-refused": given(senders="gpu==1+1"),
        "erp-setting-missing": given(controlling_area=""),
    }
    for code, settings in wrong.items():
        assert [one.code for one in sap_activity.check(found, settings)] == [code]
