"""What a writer may know besides the documents: settings of the format, and the model's books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from apportion.errors import Place
from apportion.model.accounting import Accounting, AccountKind
from apportion.model.erp_spec import ErpSpec
from apportion.publish.erp.limits import KINDS


@dataclass(frozen=True)
class ErpSettings:
    """The settings of one format in a project."""

    spec: ErpSpec
    accounting: Accounting = field(default_factory=Accounting)

    def option(self, name: str, default: str = "") -> str:
        """An option's value; the first where several are given."""
        found = self.spec.options.get(name)
        return found[0] if found else default

    def options(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """All values of an option."""
        return self.spec.options.get(name) or default

    def pairs(self, name: str) -> Mapping[str, str]:
        """An option whose values are written `NAME=VALUE`, as a mapping."""
        split = (one.partition("=") for one in self.options(name))
        return {key.strip(): value.strip() for key, _, value in split}

    def code(self, part: str, name: str) -> str | None:
        """The ERP's code of a name of the model, where settings have one."""
        return self.spec.codes.get(KINDS[part], {}).get(name)

    def entity(self, name: str) -> str:
        """What the ERP calls an entity."""
        known = self.accounting.entities.get(name)
        return self.code("entity", name) or (known.code if known else name)

    def title(self, account: str) -> str:
        """What an account is called."""
        known = self.accounting.accounts.get(account)
        return known.title if known else account

    def kind(self, account: str) -> AccountKind:
        """What may be booked on an account; what isn't of the model is a clearing account."""
        known = self.accounting.accounts.get(account)
        return known.kind if known else AccountKind.CLEARING

    def sender(self, day: date) -> str:
        """The code of the entity that is relieved on a day, or an empty text."""
        found = self.accounting.sender(day)
        return self.entity(found.entity) if found else ""


def no_settings(name: str) -> ErpSpec:
    """The settings of a format that the project says nothing of."""
    return ErpSpec(name, Place("apportion.yaml"))
