"""What a webhook tells the log, and which addresses it takes."""

from __future__ import annotations

import logging

import pytest

from service.errors import SettingsError
from service.rings.webhooks import Webhook, _post


@pytest.mark.parametrize("host", ["127.0.0.1:9", "nowhere.invalid", "127.0.0.1:99999"])
def test_the_log_has_no_secret_of_an_address(caplog: pytest.LogCaptureFixture, host: str) -> None:
    hook = Webhook(f"http://user:SECRETPW@{host}/SECRETPATH?token=SECRETTOK", "SECRETKEY", first_wait_s=0)
    with caplog.at_level(logging.DEBUG):
        assert not _post(hook, {"changes": []})
    assert f"webhook http://{host.partition(':')[0]}: " in caplog.text
    assert "SECRET" not in caplog.text + repr(hook)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://x/", "https://", "/path", "example.org/hook"])
def test_only_http_is_an_address(url: str) -> None:
    with pytest.raises(SettingsError, match="RINGSIGHT_WEBHOOK_URL"):
        Webhook(url, "secret")
