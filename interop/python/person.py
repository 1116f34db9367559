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

    def go_to(self, request, answer="agree"):
        """Opens an app's authorization request and goes on until it leads back to the app: to this URL."""
        response = self._browser.get(request, allow_redirects=False, timeout=10)
        for _ in range(10):
            if response.is_redirect:
                target = urljoin(response.url, response.headers["Location"])
                if urlsplit(target).netloc != urlsplit(request).netloc:
                    return urldefrag(target).url  # a browser keeps the fragment to itself
                response = self._browser.get(target, allow_redirects=False, timeout=10)
            else:
                response = self._answer(response, answer)
        raise AssertionError(f"the way back to the app is too long; it was at {response.url}")

    def _answer(self, response, answer):
        assert response.status_code == 200, response.text
        form = Form(response.text)
        fields = {"answer": answer} if form.asks_for_consent else self._credentials()
        return self._browser.post(
            urljoin(response.url, form.action),
            data={**form.hidden, **fields},
            headers={"Sec-Fetch-Site": "same-origin"},
            allow_redirects=False,
            timeout=10,
        )

    def _credentials(self):
        return {"username": self._user["username"], "password": self._user["password"]}


class Form(HTMLParser):
    """The form of a page."""

    def __init__(self, page):
        super().__init__()
        self.action = None
        self.hidden = {}
        self.asks_for_consent = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "form" and self.action is None:
            self.action = found["action"]
        if tag == "input" and found.get("type") == "hidden":
            self.hidden[found["name"]] = found["value"]
        if found.get("id") == "auth-accept":
            self.asks_for_consent = True
