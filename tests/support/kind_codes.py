"""The built-in kinds of identifier as detection numbers them."""

from __future__ import annotations

from service.detection.reading.kind_codes import codes

PAYMENT, DEVICE, IP, NETWORK, BURST = (
    codes().names.index(name) for name in ("payment_method", "device", "ip", "network", "burst")
)
