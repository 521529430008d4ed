"""What a sender may take: buckets and bans by the clock that they are given, and the file that sets them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pingyi_protocol.meeting.definition import Language
from pingyi_server.gateway.buckets import MOST_SENDERS, Bans, Bucket, Buckets
from pingyi_server.gateway.limits import FILE, Limits, LimitsError, read_limits

STEPS = st.lists(st.tuples(st.floats(0, 10), st.floats(0.5, 5)), max_size=60)


@given(rate=st.floats(0.1, 100), burst=st.floats(5, 100), steps=STEPS)
def test_no_pattern_of_requests_gets_more_out_of_a_bucket_than_burst_and_rate(
    rate: float, burst: float, steps: list[tuple[float, float]]
) -> None:
    bucket, now, taken = Bucket(rate, burst), 0.0, 0.0
    for pause, cost in steps:
        now += pause
        taken += cost if bucket.take(now, cost) else 0.0
        assert taken <= (burst + rate * now) * (1 + 1e-9)


def test_whoever_asks_as_seldom_as_the_rate_is_never_refused() -> None:
    bucket = Bucket(rate=10, burst=5)
    assert all(bucket.take(now / 10) for now in range(1000))


def test_one_sender_who_floods_takes_nothing_from_another() -> None:
    buckets: Buckets[str] = Buckets(rate=1, burst=3)
    assert [buckets.take("flood", 0.0) for _ in range(5)] == [True] * 3 + [False] * 2
    assert buckets.take("honest", 0.0)


def test_ever_new_senders_do_not_fill_the_memory() -> None:
    buckets: Buckets[int] = Buckets(rate=1, burst=3)
    bans: Bans[int] = Bans(30)
    for sender in range(MOST_SENDERS + 500):
        assert buckets.take(sender, sender / 10_000)
        bans.add(sender, sender / 10_000)
    assert len(buckets.held) == len(bans.until) == MOST_SENDERS
    assert bans.holds(MOST_SENDERS + 499, 2.0)


def test_a_ban_ends_by_itself() -> None:
    bans: Bans[str] = Bans(30)
    bans.add("flood", 10.0)
    assert (bans.holds("flood", 39.9), bans.holds("flood", 40.0), bans.holds("honest", 10.0)) == (True, False, False)


# limits.toml


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert read_limits(tmp_path) == Limits()
    assert Limits().differing() == {}


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    lines = ("requests_burst = 100", "ban_seconds = 5", 'forwarders = ["::ffff:10.0.0.7", "FE80::0:1"]')
    (tmp_path / FILE).write_text("\n".join(lines))
    limits = read_limits(tmp_path)
    changed = {"requests_burst": 100, "ban_seconds": 5.0, "forwarders": ("10.0.0.7", "fe80::1")}
    assert limits.differing() == changed
    assert limits == Limits(requests_burst=100, ban_seconds=5.0, forwarders=("10.0.0.7", "fe80::1"))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("request_burst = 100", "request_burst"),
        ("requests_burst = 0", "requests_burst"),
        ("requests_burst = 99999999", "requests_burst"),
        ("requests_burst = 50.5", "requests_burst"),
        ('requests_burst = "many"', "requests_burst"),
        ("requests_per_second = nan", "requests_per_second"),
        ("requests_per_second = inf", "requests_per_second"),
        ("ban_seconds = -1", "ban_seconds"),
        ("ban_seconds = true", "ban_seconds"),
        ('forwarders = "10.0.0.7"', "forwarders"),
        ('forwarders = ["proxy.example"]', "forwarders"),
        ("[requests]\nburst = 3", "requests"),
    ],
)
def test_a_limit_that_cannot_be_is_named_with_its_file(tmp_path: Path, text: str, key: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(LimitsError) as caught:
        read_limits(tmp_path)
    assert (caught.value.values["file"], caught.value.values["name"]) == (tmp_path / FILE, key)
    for language in Language:
        assert key in caught.value.words(language)


@pytest.mark.parametrize("text", [b"requests_burst =", b"\xff\xfe", b"a = " + b"[" * 100_000])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, text: bytes) -> None:
    (tmp_path / FILE).write_bytes(text)
    with pytest.raises(LimitsError) as caught:
        read_limits(tmp_path)
    assert FILE in caught.value.words(Language.ENGLISH)
