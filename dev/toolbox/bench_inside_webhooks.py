"""Inside Odoo's shell: the app and the account whose webhook dev/bench calls."""

from . import bench_calls
from .bench_inside import Brand, tell


def connect_page(env, brand):
    """A page whose network calls; gives its app and its account."""
    app = env["social.care.app"].create(
        {
            "name": "Aurora Air",
            "network": "facebook",
            "client_id": "key",
            "client_secret": bench_calls.SECRET,
        }
    )
    account = brand.connect(
        "page",
        "facebook",
        base_url=False,
        external_id=bench_calls.PAGE,
        app_id=app.id,
        access_token="a-token",
    )
    env.cr.commit()
    return app, account


def main(env, _options):
    """Make them and tell the address."""
    app, _account = connect_page(env, Brand(env))
    tell("address", path=f"/social_care/webhook/{app.webhook_token}")
