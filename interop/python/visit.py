"""One test is one visit: a demo of its own, with the apps of apps.toml or of another file beside it."""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import requests

HERE = Path(__file__).resolve().parent
BINARY = os.environ.get("HALLPASS_BIN", HERE.parent.parent / "target/debug/hallpass")

# Where the app on somebody's own machine listens this time: registered without a port.
ANY_PORT = "http://127.0.0.1:49152/callback"
SCOPE = "user-read-email user-read-private"

# The libraries refuse http unless they are told that this is a test; a demo has no certificate.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"


def text_of(name):
    """The text of a file beside apps.toml."""
    return (HERE.parent / name).read_text()


class Visit(unittest.TestCase):
    """A test case whose every test has a running demo: `self.world` is what the demo says of itself."""

    def setUp(self):
        ports = [word for flag in ("--port", "--api-port", "--app-port") for word in (flag, "0")]
        # Nobody's settings: a demo here is as on a fresh machine.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HALLPASS_")}
        self._log = tempfile.TemporaryFile("w+")
        apps = tempfile.NamedTemporaryFile("w", suffix=".toml")
        self.addCleanup(apps.close)
        apps.write(self.apps())
        apps.flush()
        self._process = subprocess.Popen(
            [BINARY, "demo", *ports, "--json", "--apps", apps.name],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self.addCleanup(self._stop)
        self.world = json.loads(self._process.stdout.readline())
        self.metadata = requests.get(self.well_known(), timeout=10).json()

    def apps(self):
        """The text of the apps file."""
        return text_of("apps.toml")

    def well_known(self):
        """Where RFC 8414 says that the metadata is. A library that knows better may say so."""
        return f"{self.world['accounts']}/.well-known/oauth-authorization-server"

    def app(self, name):
        """An app of the file, or of the demo."""
        return next(app for app in self.world["apps"] if app["name"] == name)

    def api_status(self, token):
        """The status of the sample API's answer to a token."""
        headers = {"Authorization": f"Bearer {token}"}
        return requests.get(f"{self.world['api']}/me", headers=headers, timeout=10).status_code

    def _stop(self):
        # As an operator ends it: it must drain and say that all went well.
        self._process.terminate()
        self._process.stdout.close()
        code = self._process.wait(timeout=30)
        with self._log as log:
            log.seek(0)
            self.assertEqual(code, 0, f"the demo ended badly:\n{log.read()}")
