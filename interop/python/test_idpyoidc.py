"""idpyoidc, the library that the certification of OpenID Connect grew up with: every flow, and signing out."""

import logging
import unittest
from urllib.parse import parse_qsl, urlsplit

from cryptojwt.key_jar import KeyJar
from idpyoidc.client.defaults import DEFAULT_OIDC_SERVICES
from idpyoidc.client.oauth2.stand_alone_client import backchannel_logout
from idpyoidc.client.rp_handler import RPHandler

from listener import Listener
from person import Person
from visit import Visit, text_of

HEDY = {"username": "hedy", "password": "hedy keeps a long one"}
EMAIL = "hedy@interop.example"
GOODBYE = "https://evening-paper.example/goodbye"
RESPONSE_TYPES = ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"]
SERVICES = {
    **{name: service for name, service in DEFAULT_OIDC_SERVICES.items() if name != "registration"},
    "end_session": {"class": "idpyoidc.client.oidc.end_session.EndSession"},
}
PKCE = {
    "function": "idpyoidc.client.oauth2.add_on.pkce.add_support",
    "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"},
}

# It warns of every answer whose kind has parameters or another name than its own.
logging.getLogger("idpyoidc").setLevel(logging.CRITICAL)


class Idpyoidc(Visit):
    """What idpyoidc does by itself: it discovers, asks, judges, redeems and fetches userinfo in one go."""

    def setUp(self):
        self.listener = Listener()
        self.addCleanup(self.listener.close)
        super().setUp()
        self.issuer = self.world["accounts"]
        self.person = Person(HEDY)

    def apps(self):
        told = text_of("told.toml").replace("{listener}", self.listener.origin).replace("{algorithm}", "RS256")
        return text_of("openid.toml") + "\n" + told

    def well_known(self):
        return f"{self.world['accounts']}/.well-known/openid-configuration"

    def test_every_response_type_in_every_mode(self):
        for response_type in RESPONSE_TYPES:
            for mode in (None, "form_post"):
                with self.subTest(response_type=response_type, mode=mode):
                    app = self.handler("Evening Paper", response_type)
                    signed_in = self.sign_in(app, response_type, mode)
                    self.assertEqual(signed_in["userinfo"]["email"], EMAIL)
                    self.assertEqual(signed_in["userinfo"]["sub"], signed_in["id_token"]["sub"])
                    self.assertEqual(signed_in["issuer"], self.issuer)

    def test_each_algorithm(self):
        # The library cannot compute c_hash and at_hash for EdDSA, and judges them in hybrid answers only.
        for name, algorithm, response_type in [
            ("Signed Paper", "RS256", "code id_token"),
            ("Elliptic Paper", "ES256", "code id_token"),
            ("Edwards Paper", "EdDSA", "code"),
        ]:
            with self.subTest(algorithm=algorithm):
                app = self.handler(name, response_type)
                # What the answer to a registration would have told the library.
                told = {"id_token_signed_response_alg": algorithm, "userinfo_signed_response_alg": algorithm}
                context = app.client_setup(self.issuer).get_context()
                context.registration_response = told
                context.map_preferred_to_registered(told)
                signed_in = self.sign_in(app, response_type)
                self.assertEqual(signed_in["id_token"].jws_header["alg"], algorithm)
                self.assertEqual(signed_in["userinfo"]["email"], EMAIL)

    def test_a_refresh_brings_another_id_token_of_the_same_sign_in(self):
        app = self.handler("Evening Paper", "code")
        signed_in = self.sign_in(app, "code")
        before = signed_in["id_token"]
        after = app.refresh_access_token(signed_in["state"])["__verified_id_token"]
        self.assertEqual((after["sub"], after["auth_time"]), (before["sub"], before["auth_time"]))
        self.assertNotIn("nonce", after)
        access_token, _ = app.get_valid_access_token(signed_in["state"])
        self.assertNotEqual(access_token, signed_in["token"])
        self.assertEqual(app.get_user_info(signed_in["state"], access_token=access_token)["email"], EMAIL)

    def test_an_answer_that_another_state_or_nonce_would_fit_is_not_taken(self):
        app = self.handler("Evening Paper", "id_token")
        answer = self.answer(app, "id_token")
        with self.assertRaises(Exception):
            app.finalize(self.issuer, {**answer, "state": "another"})
        other = self.answer(app, "id_token")
        with self.assertRaises(Exception):
            app.finalize(self.issuer, {**answer, "id_token": other["id_token"]})

    def test_signing_out_leads_back_to_the_app(self):
        app = self.handler("Evening Paper", "code")
        signed_in = self.sign_in(app, "code")
        request = app.logout(signed_in["state"], post_logout_redirect_uri=GOODBYE)
        back = urlsplit(self.person.go_to(request["url"]))
        self.assertEqual(back._replace(query="").geturl(), GOODBYE)
        state = dict(parse_qsl(back.query))["state"]
        # By this the library knows which of its sessions is over.
        known = app.issuer2rp[self.issuer].get_context().cstate
        self.assertEqual(known.get_base_key(state), signed_in["state"])
        silently = self.answer(app, "code", prompt="none")
        self.assertEqual(silently["error"], "login_required")

    def test_an_app_is_told_when_somebody_signed_out_at_another(self):
        told, other = self.handler("Told Paper", "code"), self.handler("Evening Paper", "code")
        signed_in = self.sign_in(told, "code")
        request = other.logout(self.sign_in(other, "code")["state"], post_logout_redirect_uri=GOODBYE)
        self.person.go_to(request["url"])
        path, body = self.listener.next()
        self.assertEqual(path, "/logged-out")
        # The library judges the token, and says which of its sessions is over.
        state = backchannel_logout(told.issuer2rp[self.issuer], request=body)
        self.assertEqual(state, signed_in["state"])

    def handler(self, name, response_type):
        """The app as one that knows this issuer by discovery."""
        app = self.app(name)
        config = {
            "issuer": self.issuer,
            "client_type": "oidc",
            "client_id": app["client_id"],
            "client_secret": app["client_secret"],
            "client_authn_methods": ["client_secret_basic", "client_secret_post", "bearer_header"],
            "redirect_uris": app["redirect_uris"],
            "preference": {"response_types": [response_type], "scope": ["openid", "email"]},
            "add_ons": {"pkce": PKCE},
        }
        return RPHandler(
            base_url=app["redirect_uris"][0],
            client_configs={self.issuer: config},
            services=SERVICES,
            keyjar=KeyJar(),
        )

    def sign_in(self, app, response_type, mode=None):
        # With a code it gets an ID token of the token endpoint, whatever came before.
        behaviour = {"collect_tokens": "code" in response_type}
        return app.finalize(self.issuer, self.answer(app, response_type, mode), behaviour)

    def answer(self, app, response_type, mode=None, **more):
        """Sends somebody to the authorization endpoint; the members of the answer come back unread."""
        request = {"response_type": response_type, "scope": "openid email", **more}
        if mode:
            request["response_mode"] = mode
        callback = urlsplit(self.person.go_to(app.begin(self.issuer, req_args=request)))
        return self.person.posted or dict(parse_qsl(callback.query or self.person.fragment))


if __name__ == "__main__":
    unittest.main()
