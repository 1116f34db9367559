"""Somebody with a browser, as far as client libraries need one.

Follows redirects, keeps cookies, sends the forms of the pages. The pages themselves are tested in e2e/.
"""

from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import requests


class Person:
    """Somebody who signs in where they are asked to, and answers the consent page."""

    def __init__(self, user):
        self._user = user
        self._browser = requests.Session()
        # Of the last way back: what a page of the service posted to the app, and what its scripts alone see.
        self.posted = None
        self.fragment = ""

    def go_to(self, request, answer="agree"):
        """Opens what an app asks for and goes on until it leads back to the app: to this URL."""
        self.posted, self.fragment = None, ""
        response = self._get(request)
        for _ in range(10):
            if response.is_redirect:
                target = urljoin(response.url, response.headers["Location"])
                if not _same_server(target, request):
                    target, self.fragment = urldefrag(target)
                    return target
                response = self._get(target)
            else:
                assert response.status_code == 200, response.text
                form = Form(response.text)
                target = urljoin(response.url, form.action)
                fields = {**form.hidden, **self._written(form, answer)}
                if not _same_server(target, request):
                    self.posted = fields
                    return target
                response = self._post(target, fields)
        raise AssertionError(f"the way back to the app is too long; it was at {response.url}")

    def _written(self, form, answer):
        """What the page wants: to sign in, an answer, or only that its button is pressed."""
        if "auth-accept" in form.ids:
            return {"answer": answer}
        if "login-username" in form.ids:
            return {"username": self._user["username"], "password": self._user["password"]}
        return {}

    def _get(self, url):
        return self._browser.get(url, allow_redirects=False, timeout=10)

    def _post(self, url, fields):
        headers = {"Sec-Fetch-Site": "same-origin"}
        return self._browser.post(url, data=fields, headers=headers, allow_redirects=False, timeout=10)


def _same_server(url, other):
    return urlsplit(url).netloc == urlsplit(other).netloc


class Form(HTMLParser):
    """The form of a page."""

    def __init__(self, page):
        super().__init__()
        self.action = None
        self.hidden = {}
        self.ids = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "form" and self.action is None:
            self.action = found["action"]
        if tag == "input" and found.get("type") == "hidden":
            self.hidden[found["name"]] = found["value"]
        if "id" in found:
            self.ids.add(found["id"])
