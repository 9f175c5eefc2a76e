"""What goes wrong with an account is a clear state of this account and no other's."""

import pytest

from support.waiting import wait_for

HEALTH = ("state", "error_code", "error_text", "failure_count")


@pytest.mark.parametrize(
    ("effect", "details", "state", "code"),
    [
        ("status", {"status": 401}, "reconnect", "token_expired"),
        ("status", {"status": 500}, "degraded", "server_error"),
        (
            "status",
            {"status": 200, "body": "<html>maintenance</html>"},
            "degraded",
            "not_this_network",
        ),
        ("malformed", {}, "degraded", "not_json"),
    ],
)
def test_faults_of_a_server(mastodon_mock, brand, effect, details, state, code):
    account = brand.connect(mastodon_mock.user("brand"))
    mastodon_mock.fault(effect, path="/api/v1/notifications*", **details)
    brand.receive()
    health = brand.read("social.care.account", account, *HEALTH)
    assert (health["state"], health["error_code"], health["failure_count"]) == (state, code, 1)
    assert health["error_text"]

    mastodon_mock.clear_faults()
    if state == "reconnect":
        brand.admin("social.care.account", "action_test_connection", [account])
    brand.receive()
    assert brand.read("social.care.account", account, "state", "error_code") == {
        "id": account,
        "state": "connected",
        "error_code": False,
    }


def test_a_server_that_is_down_loses_nothing_and_leaves_the_others_alone(
    mastodon_mock, make_snac, brand
):
    snac = make_snac()
    aurora = snac.add_user("aurora")
    ana = snac.add_user("ana")
    broken = brand.connect(aurora, name="On snac")
    healthy = brand.connect(mastodon_mock.user("brand"), name="On the other")
    ana.say("@aurora hello from snac")
    wait_for(aurora.mentions, "aurora is told", 120)
    mastodon_mock.user("alice").say("@brand hello from the other")
    snac.stop()

    brand.receive()

    assert brand.read("social.care.account", broken, *HEALTH)["error_code"] == "unreachable"
    assert brand.read("social.care.account", healthy, *HEALTH)["state"] == "connected"
    assert len(brand.mentions(healthy)) == 1

    snac.start()
    brand.receive()
    [mention] = brand.mentions(broken)
    assert mention["body"].endswith("hello from snac")


def test_a_wrong_token_is_told_by_the_button(snac, brand):
    aurora = snac.add_user("wrongtoken")
    account = brand.connect(aurora)
    brand.admin("social.care.account", "write", [account], {"access_token": "0" * 32})
    told = brand.admin("social.care.account", "action_test_connection", [account])
    assert told["params"]["type"] == "danger"
    health = brand.read("social.care.account", account, *HEALTH)
    assert (health["state"], health["error_code"]) == ("reconnect", "token_expired")
