"""``server/deploy/pingyi.nft`` in the kernel: who floods the ports is bounded, and the others do not notice."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.namespaces import Cable, cable

pytestmark = pytest.mark.network

RULES = Path(__file__).resolve().parents[2] / "server" / "deploy" / "pingyi.nft"
ATTACKER, HONEST, FORWARDER, STRANGER = "10.77.0.9", "10.77.0.2", "10.77.0.3", "8.77.0.5"
MEETING, OTHER = 7610, 7700

LISTENER = """
import socket, threading
def serve(port):
    listener = socket.create_server(("", port), backlog=4096)
    kept = []
    while True:
        one, _ = listener.accept()
        kept.append(one)
        threading.Thread(target=take, args=(one,), daemon=True).start()
def take(one):
    try:
        total = 0
        while data := one.recv(65536):
            total += len(data)
            if data.endswith(b"?"):
                one.sendall(b"%d\\n" % total)
    except OSError:
        pass
threads = [threading.Thread(target=serve, args=(port,), daemon=True) for port in (7610, 7611, 7612, 7613, 7700)]
for thread in threads:
    thread.start()
print("ready", flush=True)
threads[0].join()
"""

CONNECTIONS = """
import json, select, socket, sys, time
source, port, count, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
waiting = {}
for _ in range(count):
    one = socket.socket()
    one.bind((source, 0))
    one.setblocking(False)
    one.connect_ex(("10.77.0.1", port))
    waiting[one.fileno()] = one
poll = select.poll()
for one in waiting.values():
    poll.register(one, select.POLLOUT)
opened, until = 0, time.monotonic() + seconds
while opened < count and time.monotonic() < until:
    for number, _ in poll.poll(100):
        poll.unregister(number)
        opened += waiting[number].getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
print(json.dumps(opened))
"""

ASK = """
import json, socket, sys
one = socket.create_connection(("10.77.0.1", int(sys.argv[2])), timeout=20, source_address=(sys.argv[1], 0))
one.sendall(b"x" * 1000 + b"?")
print(json.dumps(int(one.makefile().readline())))
"""

FLOOD = """
import json, socket, sys, time
one = socket.create_connection(("10.77.0.1", 7610), timeout=20, source_address=(sys.argv[1], 0))
one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
one.setblocking(False)
sent, until = 0, time.monotonic() + float(sys.argv[2])
while time.monotonic() < until:
    try:
        sent += one.send(bytes(65536))
    except BlockingIOError:
        time.sleep(0.001)
print(json.dumps(sent))
"""

FORGED = """
import json, random, socket, struct, sys
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF
target = socket.inet_aton("10.77.0.1")
for _ in range(int(sys.argv[1])):
    source = bytes((10, random.randrange(100, 200), random.randrange(256), random.randrange(1, 255)))
    port, number = random.randrange(1024, 65536), random.getrandbits(32)
    head = struct.pack("!HHIIBBHHH", port, 7610, number, 0, 0x50, 2, 8192, 0, 0)
    code = checksum(source + target + struct.pack("!BBH", 0, 6, len(head)) + head)
    head = head[:16] + struct.pack("!H", code) + head[18:]
    raw.sendto(struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 0, 0, 64, 6, 0, source, target) + head, ("10.77.0.1", 0))
print(json.dumps(int(sys.argv[1])))
"""


@pytest.fixture
def hall() -> Iterator[Cable]:
    """A server's machine with the rules loaded, and what listens on the meeting's ports."""
    with cable(ATTACKER, HONEST, FORWARDER, STRANGER) as laid:
        laid.filter("-f", RULES)
        laid.filter("add", "element", "inet", "pingyi", "forwarders4", "{", FORWARDER, "}")
        listener = laid.begin(laid.server, LISTENER)
        try:
            assert listener.stdout is not None
            assert listener.stdout.readline() == "ready\n"
            yield laid
        finally:
            listener.kill()
            listener.communicate()


def test_the_rules_are_what_nft_accepts_and_replace_themselves(hall: Cable) -> None:
    hall.filter("-c", "-f", RULES)
    before = hall.filter("list", "table", "inet", "pingyi")
    hall.filter("-f", RULES)
    assert hall.filter("list", "tables").splitlines() == ["table inet pingyi"]
    assert FORWARDER in before


def test_an_address_that_opens_hundreds_of_connections_gets_few_and_the_others_get_theirs(hall: Cable) -> None:
    assert hall.seat(CONNECTIONS, ATTACKER, MEETING, 500, 2) <= 32
    assert hall.dropped("too_many_open") + hall.dropped("too_fast") >= 400
    assert hall.seat(CONNECTIONS, HONEST, MEETING, 8, 10) == 8
    assert hall.seat(ASK, HONEST, MEETING) == 1001


def test_an_address_that_opens_and_closes_without_end_is_slowed_down(hall: Cable) -> None:
    opened = sum(int(hall.seat(CONNECTIONS, ATTACKER, MEETING, 30, 0.2)) for _ in range(8))
    # sixty at once and ten a second
    assert opened < 240
    assert hall.dropped("too_fast") > 0
    assert hall.seat(ASK, HONEST, MEETING) == 1001


def test_bytes_without_end_are_throttled_and_an_honest_seat_is_heard_meanwhile(hall: Cable) -> None:
    flooding = hall.begin(hall.seats, FLOOD, ATTACKER, 4)
    answers = [hall.seat(ASK, HONEST, MEETING) for _ in range(5)]
    assert answers == [1001] * 5
    output, _ = flooding.communicate()
    assert json.loads(output) < 12_000_000
    assert hall.dropped("too_much") > 0


def test_forged_senders_reach_a_bound_and_connections_that_stand_go_on(hall: Cable) -> None:
    hall.seat(FORGED, 40_000)
    assert hall.dropped("too_many_at_once") > 0
    assert hall.seat(ASK, HONEST, MEETING) == 1001


def test_a_forwarder_is_not_bounded(hall: Cable) -> None:
    assert hall.seat(CONNECTIONS, FORWARDER, MEETING, 500, 20) == 500


def test_who_is_outside_the_hall_does_not_get_in(hall: Cable) -> None:
    assert hall.seat(CONNECTIONS, STRANGER, MEETING, 3, 1) == 0
    assert hall.dropped("from_elsewhere") >= 3


def test_other_ports_are_left_alone(hall: Cable) -> None:
    assert hall.seat(CONNECTIONS, ATTACKER, OTHER, 200, 20) == 200
    assert hall.seat(CONNECTIONS, STRANGER, OTHER, 3, 20) == 3


@pytest.mark.parametrize("port", [7610, 7611, 7612, 7613])
def test_each_of_the_four_ports_is_bounded(hall: Cable, port: int) -> None:
    assert hall.seat(CONNECTIONS, ATTACKER, port, 100, 1) <= 32
