"""No test of a proposer sees the settings of the machine that it runs on."""

import pytest

SETTINGS = ("API_KEY", "BASE_URL", "API_BASE", "MODEL", "ORG_ID", "PROJECT_ID", "CUSTOM_HEADERS")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(f"OPENAI_{name}", raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
