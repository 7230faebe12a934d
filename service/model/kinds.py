"""The kinds of identifier, and the names each has in events and in the graph (an allow-list: labels and
relationship types can't be query parameters)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of identifier."""

    name: str  # in answers, exports and logs
    field: str  # in events
    label: str  # of its nodes
    link: str  # relationship type from Account
    prefix: str  # of its tokens


PAYMENT_METHOD = Kind("payment_method", "payment_fingerprint", "PaymentMethod", "PAYS_WITH", "pm")
DEVICE = Kind("device", "device_id", "Device", "USES_DEVICE", "dv")
IP = Kind("ip", "ip", "IP", "CONNECTS_FROM", "ip")

KINDS = (PAYMENT_METHOD, DEVICE, IP)
BY_NAME = {kind.name: kind for kind in KINDS}
BY_LABEL = {kind.label: kind for kind in KINDS}
