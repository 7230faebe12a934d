"""The kinds of identifier, and the names each has in events and in the graph (an allow-list: labels and
relationship types can't be query parameters)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of identifier. `prior` is its weight as evidence (docs/detection.md)."""

    name: str  # in answers, exports and logs
    field: str  # in events
    label: str  # of its nodes
    link: str  # relationship type from Account
    prefix: str  # of its tokens
    prior: float


PAYMENT_METHOD = Kind("payment_method", "payment_fingerprint", "PaymentMethod", "PAYS_WITH", "pm", 1.0)
DEVICE = Kind("device", "device_id", "Device", "USES_DEVICE", "dv", 1.0)
IP = Kind("ip", "ip", "IP", "CONNECTS_FROM", "ip", 0.6)

KINDS = (PAYMENT_METHOD, DEVICE, IP)
BY_FIELD = {kind.field: kind for kind in KINDS}
BY_NAME = {kind.name: kind for kind in KINDS}
BY_LABEL = {kind.label: kind for kind in KINDS}
