"""Authlib as an OpenID Connect client: what its integrations for web frameworks are made of."""

import unittest
from urllib.parse import parse_qsl, urlsplit

from authlib.integrations.base_client import OAuthError
from authlib.integrations.base_client.sync_app import BaseApp, OAuth2Mixin
from authlib.integrations.base_client.sync_openid import OpenIDMixin
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import HybridIDToken, ImplicitIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from joserfc.errors import InvalidClaimError

from person import Person
from visit import ANY_PORT, Visit, text_of

HEDY = {"username": "hedy", "password": "hedy keeps a long one"}
EMAIL = "hedy@interop.example"
GOODBYE = "https://evening-paper.example/goodbye"


class App(OAuth2Mixin, OpenIDMixin, BaseApp):
    """A client of the library."""

    client_cls = OAuth2Session


class Framework:
    """What the library asks of a web framework: to keep the token that it refreshed."""

    token = None

    def update_token(self, token, **_):
        self.token = token


class AuthlibOpenId(Visit):
    """Everything that Authlib knows of OpenID Connect."""

    def setUp(self):
        super().setUp()
        self.person = Person(HEDY)

    def apps(self):
        return text_of("openid.toml")

    def well_known(self):
        return get_well_known_url(self.world["accounts"], external=True)

    def test_the_metadata_is_valid(self):
        self.assertEqual(self.metadata["issuer"], self.world["accounts"])
        # The library admits https only, so the same document is judged as a public server would show it.
        public = {name: _on_https(value) for name, value in self.metadata.items()}
        OpenIDProviderMetadata(public).validate()

    def test_a_code_with_pkce_and_nonce_userinfo_and_refresh(self):
        app = self.client("Pocket Paper", scope="openid profile email phone address")
        request = app.create_authorization_url(ANY_PORT)
        token = self.redeem(app, request, ANY_PORT)
        told = app.parse_id_token(token, request["nonce"])
        self.assertEqual(told["sub"], app.userinfo(token=token)["sub"])
        person = app.userinfo(token=token)
        self.assertEqual((person.email, person.name), (EMAIL, "Hedy Lamarr"))
        self.assertEqual(person.address["locality"], "Wien")

        # The frameworks' part of the library refreshes what is about to expire; here it has expired.
        app.userinfo(token={**token, "expires_at": 1})
        refreshed = app.framework.token
        self.assertNotEqual(refreshed["access_token"], token["access_token"])
        again = app.parse_id_token(refreshed, None)
        self.assertEqual((again["sub"], again["sid"]), (told["sub"], told["sid"]))
        self.assertEqual(again["auth_time"], told["auth_time"])
        self.assertEqual(app.userinfo(token=refreshed)["email"], EMAIL)

    def test_each_algorithm_and_no_other_nonce(self):
        for name, algorithm in [("Evening Paper", "RS256"), ("Elliptic Paper", "ES256"), ("Edwards Paper", "EdDSA")]:
            with self.subTest(algorithm=algorithm):
                app = self.client(name)
                uri = self.app(name)["redirect_uris"][0]
                request = app.create_authorization_url(uri)
                token = self.redeem(app, request, uri)
                told = app.parse_id_token(token, request["nonce"])
                self.assertEqual(told["amr"], ["pwd"])
                with self.assertRaises(InvalidClaimError):
                    app.parse_id_token(token, "another")

    def test_id_tokens_of_the_implicit_and_the_hybrid_flow(self):
        for response_type, judge in [
            ("id_token", ImplicitIDToken),
            ("id_token token", ImplicitIDToken),
            ("code id_token", HybridIDToken),
            ("code id_token token", HybridIDToken),
        ]:
            with self.subTest(response_type=response_type):
                app = self.client("Old Paper", response_type=response_type)
                request = app.create_authorization_url(self.app("Old Paper")["redirect_uris"][0])
                # The library sends its code_challenge only if a code is all that it asks for.
                self.assertNotIn("code_challenge", request["url"])
                self.person.go_to(request["url"])
                answer = dict(parse_qsl(self.person.fragment))
                self.assertEqual(answer["state"], request["state"])
                told = app.parse_id_token(answer, request["nonce"], claims_cls=_bound_to(judge, answer))
                # The claims of scopes are in the ID token only if no access token comes (Core §5.4).
                self.assertEqual(told.get("email"), EMAIL if response_type == "id_token" else None)

    def test_signing_out(self):
        app = self.client("Evening Paper")
        uri = self.app("Evening Paper")["redirect_uris"][0]
        token = self.redeem(app, app.create_authorization_url(uri), uri)
        logout = app.create_logout_url(GOODBYE, token["id_token"])
        back = urlsplit(self.person.go_to(logout["url"]))
        self.assertEqual(back._replace(query="").geturl(), GOODBYE)
        self.assertEqual(dict(parse_qsl(back.query)), {"state": logout["state"]})
        silently = app.create_authorization_url(uri, prompt="none")
        with self.assertRaisesRegex(OAuthError, "login_required"):
            self.redeem(app, silently, uri)

    def client(self, name, scope="openid email", response_type="code"):
        app = self.app(name)
        return App(
            Framework(),
            client_id=app["client_id"],
            client_secret=app["client_secret"],
            server_metadata_url=self.well_known(),
            client_kwargs={"scope": scope, "response_type": response_type, "code_challenge_method": "S256"},
        )

    def redeem(self, app, request, redirect_uri):
        """Sends somebody to the authorization endpoint, and redeems the code."""
        answer = dict(parse_qsl(urlsplit(self.person.go_to(request["url"])).query))
        self.assertEqual(answer["state"], request["state"])
        if "error" in answer:
            raise OAuthError(answer["error"], answer.get("error_description"))
        return app.fetch_access_token(redirect_uri, code=answer["code"], code_verifier=request["code_verifier"])


def _bound_to(judge, answer):
    """The library's judge of such ID tokens, told what they must be bound to."""

    class Bound(judge):
        def __init__(self, payload, header, options=None, params=None):
            super().__init__(payload, header, options, {**params, **answer})

    return Bound


def _on_https(value):
    return value.replace("http://", "https://", 1) if isinstance(value, str) else value


if __name__ == "__main__":
    unittest.main()
