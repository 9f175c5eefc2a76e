"""What a person does in a browser, without one: log in to Odoo, press buttons, fill in forms."""

import html
import re

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry


class Browser:
    """A session of one user of Odoo; ``get`` and ``submit`` go anywhere, with the same cookies."""

    def __init__(self, server, login, password=None):
        self.base_url = server.base_url
        self.session = requests.Session()
        # snac resets a connection now and then, as people reload a page; Odoo must not.
        again = Retry(3, allowed_methods=None)
        self.session.mount("http://", HTTPAdapter(max_retries=again))
        self.session.mount(self.base_url, HTTPAdapter())
        self.submit(self.get(f"{self.base_url}/web/login"), login=login, password=password or login)

    def get(self, url):
        """Open an address, following redirects."""
        answer = self.session.get(url, timeout=60)
        answer.raise_for_status()
        return answer

    def submit(self, page, **values):
        """Fill in the page's last form and send it; gives what the browser shows then."""
        form = re.findall(r"<form\b.*?</form>", page.text, re.S)[-1]
        filled = {
            name[1]: html.unescape(value[1]) if value else ""
            for field in re.findall(r"<input\b[^>]*>", form)
            if (name := re.search(r'\bname="([^"]*)"', field))
            for value in [re.search(r'\bvalue="([^"]*)"', field)]
        }
        action = html.unescape(re.search(r'\baction="([^"]*)"', form)[1])
        url = requests.compat.urljoin(page.url, action)
        answer = self.session.post(url, data={**filled, **values}, timeout=60)
        answer.raise_for_status()
        return answer

    def call(self, model, method, *arguments, **keywords):
        """Press a button: call a method as the web client does. Raises AssertionError with its error."""
        answer = self.session.post(
            f"{self.base_url}/web/dataset/call_kw/{model}/{method}",
            json={
                "jsonrpc": "2.0",
                "id": 1,
                "params": {
                    "model": model,
                    "method": method,
                    "args": arguments,
                    "kwargs": keywords,
                },
            },
            timeout=60,
        ).json()
        assert "error" not in answer, answer["error"]["data"]["message"]
        return answer["result"]
