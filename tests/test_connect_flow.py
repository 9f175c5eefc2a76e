"""Connecting for real: a manager, who sees no secret, logs in at the network's own server."""

import pytest

from support.browser import Browser

HEALTH = ("state", "handle", "has_token", "app_id", "error_text")


@pytest.fixture(scope="session")
def managers(shared_brand):
    """The logins of two social care managers, neither of them an administrator."""
    admin, base_url = shared_brand.admin, shared_brand.server.base_url
    admin("ir.config_parameter", "set_param", "web.base.url", base_url)
    group = admin.ref("social_care.social_care_group_manager")
    names = ["nora", "otto"]
    for name in names:
        values = {"name": name, "login": name, "password": name, "group_ids": [(4, group)]}
        admin("res.users", "create", values)
    return names


@pytest.fixture
def draft(brand, snac):
    """An account that an administrator gave its server."""
    account = brand.admin(
        "social.care.account",
        "create",
        {"name": "Aurora Air", "network": "mastodon", "base_url": snac.base_url},
    )
    yield account
    brand.admin("social.care.account", "write", [account], {"active": False})


def begin(browser, account):
    """Press “Connect”, then “Log in”: the address at the network."""
    dialog = browser.call("social.care.account", "action_connect", [account])
    return browser.call("social.care.connect", "action_log_in", [dialog["res_id"]])["url"]


def grant(browser, url, user):
    """Log in at snac, which sends the browser back to Odoo; gives Odoo's page and its address."""
    page = browser.submit(browser.get(url), login=user.name, passwd=user.password)
    back = page.history[0].headers["Location"]
    return page, back


def test_a_manager_connects_and_reconnects_by_the_network_s_own_login(snac, brand, managers, draft):
    aurora = snac.add_user("logsin")
    nora = Browser(brand.server, managers[0])
    url = begin(nora, draft)
    page, back = grant(nora, url, aurora)

    assert page.url.startswith(f"{brand.server.base_url}/odoo/")
    health = brand.read("social.care.account", draft, *HEALTH)
    assert (health["state"], health["has_token"]) == ("connected", True), health
    assert health["handle"].startswith("logsin@")
    app = health["app_id"]
    assert app

    assert "has been used already" in nora.get(back).text

    brand.admin("social.care.account", "write", [draft], {"state": "reconnect"})
    page, _back = grant(nora, begin(nora, draft), aurora)
    health = brand.read("social.care.account", draft, *HEALTH)
    assert (health["state"], health["app_id"]) == ("connected", app), "the same keys serve again"

    log = brand.server.process.output()
    assert "/social_care/connect/callback" in log
    for secret in (back.partition("?")[2], aurora.password):
        assert secret not in log


def test_another_person_s_browser_cannot_finish_a_login(snac, brand, managers, draft):
    aurora = snac.add_user("twobrowsers")
    nora, otto = (Browser(brand.server, login) for login in managers)
    url = begin(nora, draft)
    page, _back = grant(otto, url, aurora)
    assert "another browser" in page.text
    assert brand.read("social.care.account", draft, "state")["state"] == "draft"


def test_the_login_of_another_account_is_refused(snac, brand, managers, draft):
    nora = Browser(brand.server, managers[0])
    grant(nora, begin(nora, draft), snac.add_user("firstname"))
    page, _back = grant(nora, begin(nora, draft), snac.add_user("second"))
    assert "second" in page.text
    assert "firstname" in page.text
    handle = brand.read("social.care.account", draft, "handle")["handle"]
    assert handle.startswith("firstname@")
