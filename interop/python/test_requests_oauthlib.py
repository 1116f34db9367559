"""requests-oauthlib, and oauthlib below it."""

import unittest

import requests
from oauthlib.oauth2 import BackendApplicationClient, InvalidClientError, InvalidGrantError
from oauthlib.oauth2.rfc6749.errors import AccessDeniedError, MismatchingStateError
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from person import Person
from visit import ANY_PORT, SCOPE, Visit


class RequestsOauthlib(Visit):
    """Everything that requests-oauthlib can do here. It has no discovery and no introspection."""

    def test_a_public_client_gets_a_code_with_pkce_refreshes_twice_and_revokes(self):
        app = self.session("Pocket Radio", ANY_PORT)
        first = dict(self.redeem(app, self.ask(app)))
        # The library warns of a scope that is not the one asked for; here it is.
        self.assertEqual(first["scope"], SCOPE.split())
        self.assertEqual(app.get(f"{self.world['api']}/me").status_code, 200)
        second = dict(self.refresh(app))
        third = dict(self.refresh(app))
        self.assertEqual(len({token["refresh_token"] for token in (first, second, third)}), 3)
        self.assertEqual(app.get(f"{self.world['api']}/me").status_code, 200)
        self.assertEqual(self.revoke(app, third["refresh_token"], client_id=app.client_id), 200)
        with self.assertRaisesRegex(InvalidGrantError, "Refresh token revoked"):
            self.refresh(app)

    def test_a_confidential_client_refreshes_by_itself_and_revokes(self):
        night_mail = self.app("Night Mail")
        basic = HTTPBasicAuth(night_mail["client_id"], night_mail["client_secret"])
        app = self.session("Night Mail", night_mail["redirect_uris"][0])
        kept = []
        app.auto_refresh_url = self.metadata["token_endpoint"]
        app.token_updater = kept.append
        first = app.fetch_token(self.metadata["token_endpoint"], authorization_response=self.ask(app), auth=basic)
        for _ in range(2):
            # As if its time had come: the next request refreshes first.
            app.token = {**app.token, "expires_in": -1, "expires_at": 1}
            answer = app.get(
                f"{self.world['api']}/me",
                client_id=night_mail["client_id"],
                client_secret=night_mail["client_secret"],
            )
            self.assertEqual(answer.status_code, 200)
        self.assertEqual(len({first["refresh_token"], *(token["refresh_token"] for token in kept)}), 3)
        self.assertEqual(self.revoke(app, app.token["access_token"], auth=basic), 200)
        self.assertEqual(app.get(f"{self.world['api']}/me").status_code, 401)

    def test_a_confidential_client_may_send_its_secret_in_the_form(self):
        awkward = self.app("Awkward Mail")
        app = self.session("Awkward Mail", awkward["redirect_uris"][0])
        token = self.redeem(app, self.ask(app), client_secret=awkward["client_secret"])
        self.assertEqual(self.api_status(token["access_token"]), 200)

    def test_client_credentials(self):
        for name in ("Night Mail", "Night Train Radio"):
            with self.subTest(app=name):
                known = self.app(name)
                app = OAuth2Session(client=BackendApplicationClient(client_id=known["client_id"]))
                self.addCleanup(app.close)
                token = app.fetch_token(self.metadata["token_endpoint"], client_secret=known["client_secret"])
                self.assertNotIn("refresh_token", token)
                with self.assertRaises(InvalidClientError):
                    app.fetch_token(self.metadata["token_endpoint"], client_secret="not this one")

    def test_an_answer_with_another_state_is_not_taken(self):
        app = self.session("Pocket Radio", ANY_PORT)
        callback = self.ask(app)
        app._state = "another"  # what the library remembers of the request
        with self.assertRaises(MismatchingStateError):
            self.redeem(app, callback)

    def test_somebody_who_cancels(self):
        app = self.session("Pocket Radio", ANY_PORT)
        with self.assertRaises(AccessDeniedError):
            self.redeem(app, self.ask(app, answer="cancel"))

    def session(self, name, redirect_uri):
        session = OAuth2Session(
            self.app(name)["client_id"], scope=SCOPE.split(), redirect_uri=redirect_uri, pkce="S256"
        )
        self.addCleanup(session.close)
        return session

    def ask(self, app, answer="agree"):
        """Sends somebody to the authorization endpoint; the answer comes back unread."""
        request, _ = app.authorization_url(self.metadata["authorization_endpoint"])
        return Person(self.world["users"][0]).go_to(request, answer)

    def redeem(self, app, callback, **more):
        endpoint = self.metadata["token_endpoint"]
        return app.fetch_token(endpoint, authorization_response=callback, include_client_id=True, **more)

    def refresh(self, app):
        return app.refresh_token(self.metadata["token_endpoint"], client_id=app.client_id)

    def revoke(self, app, token, auth=None, **more):
        """The library writes the request and leaves the sending to its user."""
        url, headers, body = app._client.prepare_token_revocation_request(
            self.metadata["revocation_endpoint"], token, token_type_hint=None, **more
        )
        return requests.post(url, headers=headers, data=body, auth=auth, timeout=10).status_code


if __name__ == "__main__":
    unittest.main()
