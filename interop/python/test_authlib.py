"""Authlib's client on requests."""

import unittest

from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc6749.errors import MismatchingStateException
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url

from person import Person
from visit import ANY_PORT, SCOPE, Visit


class Authlib(Visit):
    """Everything that Authlib's client can do here."""

    def well_known(self):
        return get_well_known_url(self.world["accounts"], external=True)

    def test_the_metadata_is_valid(self):
        self.assertEqual(self.metadata["issuer"], self.world["accounts"])
        # The library admits https only, so the same document is judged as a public server would show it.
        public = {name: _on_https(value) for name, value in self.metadata.items()}
        AuthorizationServerMetadata(public).validate()

    def test_a_public_client_gets_a_code_with_pkce_refreshes_twice_and_revokes(self):
        app = self.session("Pocket Radio", ANY_PORT)
        first = self.redeem(app, *self.ask(app))
        self.assertEqual((first["token_type"], first["expires_in"], first["scope"]), ("Bearer", 3600, SCOPE))
        self.assertEqual(self.api_status(first["access_token"]), 200)
        second = app.refresh_token()
        third = app.refresh_token()
        self.assertEqual(len({token["refresh_token"] for token in (first, second, third)}), 3)
        self.assertEqual(self.api_status(third["access_token"]), 200)
        revoked = app.revoke_token(self.metadata["revocation_endpoint"], third["refresh_token"])
        self.assertEqual(revoked.status_code, 200)
        with self.assertRaisesRegex(OAuthError, "invalid_grant: Refresh token revoked"):
            app.refresh_token()

    def test_a_confidential_client_does_everything_by_each_method(self):
        # The library sends id and secret in Basic as they are; in the form it encodes them.
        for name, method in [
            ("Night Mail", "client_secret_basic"),
            ("Night Mail", "client_secret_post"),
            ("Awkward Mail", "client_secret_post"),
        ]:
            with self.subTest(app=name, method=method):
                app = self.session(name, self.app(name)["redirect_uris"][0], method)
                self.redeem(app, *self.ask(app))
                app.refresh_token()
                token = app.refresh_token()
                told = self.introspect(app, token)
                self.assertTrue(told["active"])
                self.assertEqual(told["username"], self.world["users"][0]["username"])
                app.revoke_token(self.metadata["revocation_endpoint"], token["access_token"], "access_token")
                self.assertEqual(self.introspect(app, token), {"active": False})

    def test_client_credentials(self):
        for name in ("Night Mail", "Night Train Radio"):
            with self.subTest(app=name):
                app = self.session(name, None)
                token = app.fetch_token(grant_type="client_credentials")
                self.assertNotIn("refresh_token", token)
                self.assertEqual(self.introspect(app, token)["sub"], app.client_id)

    def test_an_answer_with_another_state_is_not_taken(self):
        app = self.session("Pocket Radio", ANY_PORT)
        callback, state, verifier = self.ask(app)
        with self.assertRaises(MismatchingStateException):
            self.redeem(app, callback.replace(state, "another"), state, verifier)
        # It knows no `iss` (RFC 9207), and is not disturbed by it.
        self.assertTrue(self.redeem(app, callback, state, verifier)["access_token"])

    def test_what_is_refused_is_told_as_an_error_of_the_library(self):
        app = self.session("Pocket Radio", ANY_PORT)
        callback, state, verifier = self.ask(app)
        with self.assertRaisesRegex(OAuthError, "invalid_grant: code_verifier was incorrect"):
            self.redeem(app, callback, state, generate_token(48))
        self.redeem(app, callback, state, verifier)
        with self.assertRaisesRegex(OAuthError, "invalid_grant: Invalid authorization code"):
            self.redeem(app, callback, state, verifier)
        app = self.session("Night Mail", None)
        app.client_secret = "not this one"
        with self.assertRaisesRegex(OAuthError, "invalid_client: Invalid client secret"):
            app.fetch_token(grant_type="client_credentials")

    def session(self, name, redirect_uri, method=None):
        app = self.app(name)
        session = OAuth2Session(
            app["client_id"],
            app["client_secret"],
            token_endpoint_auth_method=method,
            revocation_endpoint_auth_method=method,
            scope=SCOPE if redirect_uri else None,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            token_endpoint=self.metadata["token_endpoint"],
        )
        self.addCleanup(session.close)
        return session

    def ask(self, app):
        """Sends somebody to the authorization endpoint; the answer comes back unread."""
        verifier = generate_token(48)
        request, state = app.create_authorization_url(
            self.metadata["authorization_endpoint"], code_verifier=verifier
        )
        return Person(self.world["users"][0]).go_to(request), state, verifier

    def redeem(self, app, callback, state, verifier):
        return app.fetch_token(authorization_response=callback, state=state, code_verifier=verifier)

    def introspect(self, app, token):
        return app.introspect_token(self.metadata["introspection_endpoint"], token["access_token"]).json()


def _on_https(value):
    return value.replace("http://", "https://", 1) if isinstance(value, str) else value


if __name__ == "__main__":
    unittest.main()
