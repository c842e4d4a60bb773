"""What the log serves of its keys: today's alone, and their history with a proof of every change."""

from tests.api.test_api import Client
from tests.service.test_key_rotation import again, sequenced, turned

from openroll import tlog
from openroll.compose.server import application
from openroll.service.log.key_rotation import finish, rotate
from openroll.service.roll import Roll
from openroll.tlog import Verifier, follow
from openroll.tlog.key_history import handovers_of


def served(client: Client) -> list[Verifier]:
    """The keys at /log/keys, as `--key log.pub` reads them."""
    return [Verifier.parse(line) for line in client.get("/log/keys").text.split()]


def test_the_keys_served_always_open_the_checkpoint_served(roll: Roll) -> None:
    """At every moment of a change each key at /log/keys has signed /log/checkpoint; the history leads there from the first."""
    sequenced(roll)
    first = roll.keys.verifiers
    client = Client(application(again(roll)))  # it hears of changes from the log alone
    with client:
        for act in (lambda: rotate(roll, "yearly"), lambda: finish(roll, "time is up"), lambda: None):
            turn = act()
            assert turn is None or turned(turn)
            for more in (0, 1):
                sequenced(roll, more)
                tlog.open_checkpoint(client.get("/log/checkpoint").content, served(client), origin=roll.origin)
                assert [*map(str, served(client))] == client.get("/api/v1/log").json()["keys"]
        told = client.get("/log/keys/history")
        assert told.headers["content-type"].startswith("application/json")
        assert told.headers["access-control-allow-origin"] == "*"
        assert client.get("/log/key-history.json").content == told.content
        assert told.json()["now"] == [*map(str, served(client))]
        assert follow(handovers_of(told.content), first).terms[-1].keys == tuple(served(client))
        assert next(epoch["to"] for epoch in told.json()["terms"]) is None
        assert set(map(str, first)).isdisjoint(map(str, served(client)))
