"""What goes wrong on purpose."""

from __future__ import annotations

import threading
import time

import pytest
import requests

from sandbox.faults import Fault
from sandbox.server import Sandbox

EXPORT = "/drive/v3/files/*/export"


def get(sandbox: Sandbox, http: requests.Session, who: str = "alice") -> requests.Response:
    return http.get(
        sandbox.gdrive_api_endpoint + "files",
        headers={"Authorization": f"Bearer {sandbox.gdrive_token(who)}"},
        timeout=5,
    )


def slack(sandbox: Sandbox, http: requests.Session) -> requests.Response:
    header = {"Authorization": f"Bearer {sandbox.slack_token('alice')}"}
    return http.get(sandbox.slack_base_url + "auth.test", headers=header, timeout=5)


def test_a_number_of_times_on_a_path_for_a_token(sandbox: Sandbox, http: requests.Session) -> None:
    token = sandbox.gdrive_token("alice")
    sandbox.inject(Fault(path="/drive/v3/*", token=token, times=2, status=503))
    assert get(sandbox, http, "bob").ok
    assert [get(sandbox, http).status_code for _ in range(3)] == [503, 503, 200]
    assert slack(sandbox, http).ok


def test_google_errors_have_googles_shape(sandbox: Sandbox, http: requests.Session) -> None:
    sandbox.inject(Fault(status=403, reason="userRateLimitExceeded", retry_after="7"))
    answer = get(sandbox, http)
    assert answer.headers["Retry-After"] == "7"
    assert answer.json()["error"]["errors"] == [
        {
            "message": "User Rate Limit Exceeded",
            "domain": "usageLimits",
            "reason": "userRateLimitExceeded",
        }
    ]


def test_slack_errors_have_slacks_shape(sandbox: Sandbox, http: requests.Session) -> None:
    sandbox.inject(Fault(retry_after="30", times=1))
    answer = slack(sandbox, http)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "30"
    assert answer.json() == {"ok": False, "error": "ratelimited"}
    sandbox.inject(Fault(slack_error="fatal_error", times=1))
    answer = slack(sandbox, http)
    assert answer.status_code == 200
    assert answer.json() == {"ok": False, "error": "fatal_error"}


def test_probability_is_repeatable(sandbox: Sandbox, http: requests.Session) -> None:
    def run() -> list[int]:
        sandbox.clear()
        sandbox.inject(Fault(status=500, probability=0.5, seed=7))
        return [get(sandbox, http).status_code for _ in range(12)]

    first = run()
    assert set(first) == {200, 500}
    assert run() == first


def test_drop(sandbox: Sandbox, http: requests.Session) -> None:
    sandbox.inject(Fault(drop=True, times=1))
    with pytest.raises(requests.ConnectionError):
        get(sandbox, http)
    assert get(sandbox, http).ok


def test_truncate(sandbox: Sandbox, http: requests.Session) -> None:
    sandbox.inject(Fault(truncate=True, times=1))
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        get(sandbox, http)


def test_html_redirect_and_own_body(sandbox: Sandbox, http: requests.Session) -> None:
    sandbox.inject(Fault(html=True, times=1))
    page = get(sandbox, http)
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    sandbox.inject(Fault(redirect=sandbox.url + "/elsewhere", times=1))
    assert get(sandbox, http).url.endswith("/elsewhere")
    sandbox.inject(Fault(body="<odd>", status=502, content_type="text/html", times=1))
    odd = get(sandbox, http)
    assert (odd.status_code, odd.text) == (502, "<odd>")


@pytest.mark.parametrize("packed", [False, True])
def test_huge(sandbox: Sandbox, http: requests.Session, packed: bool) -> None:
    sandbox.inject(Fault(huge=3_000_000, gzip=packed, times=1))
    answer = get(sandbox, http)
    assert len(answer.content) == 3_000_000
    assert (int(answer.headers["Content-Length"]) < 100_000) is packed


def test_clearing_ends_latency(sandbox: Sandbox, http: requests.Session) -> None:
    sandbox.inject(Fault(latency=600, status=500))
    timer = threading.Timer(0.1, sandbox.clear)
    timer.start()
    started = time.monotonic()
    assert get(sandbox, http).ok
    assert time.monotonic() - started < 5
    timer.join()


def test_latency_goes_with_another_fault(sandbox: Sandbox, http: requests.Session) -> None:
    sandbox.inject(Fault(latency=0.05, status=500))
    started = time.monotonic()
    assert get(sandbox, http).status_code == 500
    assert time.monotonic() - started >= 0.05


def test_trickle_goes_on_until_it_is_cleared(sandbox: Sandbox, http: requests.Session) -> None:
    sandbox.inject(Fault(trickle=0.01))
    header = {"Authorization": f"Bearer {sandbox.gdrive_token('alice')}"}
    address = sandbox.gdrive_api_endpoint + "files"
    with http.get(address, headers=header, stream=True, timeout=5) as answer:
        assert answer.status_code == 200
        assert answer.raw.read(3) == b"   "
        sandbox.clear()


def test_incomplete_search(sandbox: Sandbox, http: requests.Session) -> None:
    sandbox.inject(Fault(incomplete_search=True, times=1))
    assert get(sandbox, http).json()["incompleteSearch"] is True
    assert get(sandbox, http).json()["incompleteSearch"] is False


def test_faults_and_requests_over_http(sandbox: Sandbox, http: requests.Session) -> None:
    faults = sandbox.url + "/sandbox/faults"
    sent = {"path": EXPORT, "times": 1, "status": 500, "retry_after": 3}
    armed = http.post(faults, json=sent, timeout=5).json()["faults"]
    assert armed == [{"path": EXPORT, "times": 1, "status": 500, "retry_after": "3", "left": 1}]
    assert http.delete(faults, timeout=5).json() == {"faults": []}
    mistakes: list[object] = [{"nonsense": 1}, {"status": "500"}, {"drop": 1}, {"times": True}, []]
    for wrong in mistakes:
        assert http.post(faults, json=wrong, timeout=5).status_code == 400
    form = http.post(faults, data='{"status": 500}', timeout=5)
    assert form.status_code == 415
    get(sandbox, http)
    requests_ = sandbox.url + "/sandbox/requests"
    seen = http.get(requests_, timeout=5).json()["requests"]
    assert [one["path"] for one in seen] == ["/drive/v3/files"]
    assert http.delete(requests_, timeout=5).json() == {"requests": []}


def test_many_at_once(sandbox: Sandbox) -> None:
    statuses: list[int] = []

    def client() -> None:
        with requests.Session() as session:
            session.trust_env = False
            statuses.extend(get(sandbox, session).status_code for _ in range(5))

    threads = [threading.Thread(target=client) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 80
    assert len({received.peer for received in sandbox.requests}) == 16
