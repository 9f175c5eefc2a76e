"""A small client of Mastodon's API, for what the customers of a test do and for looking at what arrived."""

import requests

from .waiting import wait_for

TIME_OUT = 20
ARRIVAL = 120  # seconds: servers deliver by queues of their own, mostly within ten


class MastodonUser:
    """One user of one server, by its access token; ``password`` where one can log in with it."""

    def __init__(self, base_url, name, token, password=""):
        self.base_url = base_url
        self.name = name
        self.token = token
        self.password = password

    def get(self, path, **parameters):
        """GET a path below /api and give its JSON."""
        return self._ask("GET", path, params=parameters).json()

    def post(self, path, **data):
        """POST a form to a path below /api and give its JSON."""
        return self._ask("POST", path, data=data).json()

    def delete(self, path):
        """DELETE a path below /api."""
        return self._ask("DELETE", path)

    def say(self, text, in_reply_to=None, visibility="public"):
        """Post a status and give it."""
        data = {"status": text, "visibility": visibility}
        if in_reply_to:
            data["in_reply_to_id"] = in_reply_to
        return self.post("v1/statuses", **data)

    def favourite(self, status_id):
        """Like a status."""
        return self.post(f"v1/statuses/{status_id}/favourite")

    def notifications(self, limit=40):
        """The newest notifications."""
        return self.get("v1/notifications", limit=limit)

    def mentions(self):
        """The statuses in which somebody mentions this user, newest first."""
        return [
            one["status"]
            for one in self.notifications()
            if one["type"] == "mention" and one.get("status")
        ]

    def hear(self, text):
        """Wait until the server has told this user of a mention with these words, and give its status."""
        return wait_for(
            lambda: next((one for one in self.mentions() if text in one["content"]), None),
            f"{self.name} is told of “{text}”",
            ARRIVAL,
        )

    def answers_to(self, status_id):
        """The statuses below one status, as its thread shows them."""
        return self.get(f"v1/statuses/{status_id}/context")["descendants"]

    def read_answers_to(self, status_id):
        """The same, waited for until there is one."""
        return wait_for(
            lambda: self.answers_to(status_id), "the answer stands in the thread", ARRIVAL
        )

    def account(self):
        """This user's own account."""
        return self.get("v1/accounts/verify_credentials")

    def own_statuses(self, limit=40):
        """What this user posted, newest first."""
        return self.get(f"v1/accounts/{self.account()['id']}/statuses", limit=limit)

    def _ask(self, method, path, **options):
        answer = requests.request(
            method,
            f"{self.base_url}/api/{path}",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=TIME_OUT,
            **options,
        )
        answer.raise_for_status()
        return answer
