"""No address of a private network is called, whatever a name resolves to."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.connectors.generic_rest.connector import USER, Starter

# Names and numbers that the look-up makes loopback of, none of which is written as loopback.
NAMES = ["2130706433", "0x7f.0.0.1", "127.1", "0", "[::ffff:127.0.0.1]"]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port on loopback whose server would see whatever is sent to it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def nothing_came(listener: socket.socket) -> bool:
    """Nobody connected: a connection would wait here, as the search is over."""
    listener.setblocking(False)
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return True
    return False


SOURCE = """
version: 1
name: thing
base_url: {base_url}
auth: {{type: relay}}
search: [{{path: /search, results: items, document: {{id: id}}}}]
"""


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_resolves_to_a_private_address_is_refused(
    starter: Starter, listener: socket.socket, name: str
) -> None:
    """Nobody connects: no token is sent, and no TLS greeting."""
    url = f"https://{name}:{listener.getsockname()[1]}"
    answer = starter.start(SOURCE.format(base_url=url)).search(token=USER)
    assert answer.status_code == 502
    assert "may not be called" in answer.get_json()["detail"]
    assert nothing_came(listener)


@pytest.mark.parametrize("allowed", ["true", "false"])
def test_a_private_network_may_be_allowed(
    starter: Starter, listener: socket.socket, allowed: str
) -> None:
    """With `allow_private: true` it is connected to."""
    url = f"https://127.1:{listener.getsockname()[1]}"
    text = SOURCE.format(base_url=url) + f"allow_private: {allowed}\n"
    thing = starter.start(text, SEARCH_TIMEOUT_SECONDS="0.5")
    answer = thing.search(token=USER)
    assert answer.status_code in (502, 503, 504)
    assert ("may not be called" in answer.text) == (allowed == "false")
    assert nothing_came(listener) == (allowed == "false")


@pytest.mark.parametrize("url", ["http://10.0.0.1", "http://wiki.internal", "http://127.1"])
def test_plain_http_is_for_loopback_alone(
    starter: Starter, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        starter.start(SOURCE.format(base_url=url) + "allow_private: true\n")
    assert "plain http" in capsys.readouterr().out


@pytest.mark.parametrize("url", ["https://169.254.169.254", "https://[fd00:ec2::254]"])
def test_where_clouds_answer_for_credentials_is_never_called(starter: Starter, url: str) -> None:
    thing = starter.start(SOURCE.format(base_url=url) + "allow_private: true\n")
    answer = thing.search(token=USER)
    assert answer.status_code == 502
    assert "may not be called" in answer.get_json()["detail"]
