"""Tests of the streaming service: test_stream.py STREAM MODEL SCAN.bin"""

import re
import struct
import subprocess
import sys

PROGRAM, MODEL, SCAN = sys.argv[1:4]
with open(SCAN, "rb") as file:
    POINTS = file.read()
FRAME = struct.pack("<I", len(POINTS) // 16) + POINTS


def start():
    return subprocess.Popen(
        [PROGRAM, MODEL, "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def result(stream):
    """The place and the labels of the next labelled scan; None at the end."""
    header = stream.read(8)
    if not header:
        return None
    place, points = struct.unpack("<II", header)
    return place, stream.read(4 * points)


def counts(text):
    """The numbers of scans, of labelled, dropped and unusable ones."""
    last = text.decode().strip().splitlines()[-1]
    return [int(number) for number in re.findall(r"\d+", last)[:4]]


# A sensor that waits for each result loses none.
service = start()
labels = None
for place in range(5):
    service.stdin.write(FRAME)
    service.stdin.flush()
    found = result(service.stdout)
    assert found[0] == place, found[0]
    labels = labels or found[1]
    assert found[1] == labels and len(labels) == len(POINTS) // 4
service.stdin.close()
assert counts(service.stderr.read()) == [5, 5, 0, 0] and service.wait() == 0

# Of scans that come faster than they are labelled, the newest are labelled and the others counted.
output, errors = start().communicate(FRAME * 200)
places = []
at = 0
while at < len(output):
    place, points = struct.unpack_from("<II", output, at)
    assert output[at + 8 : at + 8 + 4 * points] == labels
    places.append(place)
    at += 8 + 4 * points
total, labelled, dropped, unusable = counts(errors)
assert (total, unusable) == (200, 0) and labelled == len(places) and labelled + dropped == total
assert dropped > 0 and places == sorted(set(places)) and places[-1] == 199, (dropped, places)

# Empty, unusable and incomplete scans neither end the service nor stay unmentioned.
infinite = struct.pack("<I4f", 1, 1e30, 0, 0, 0)
service = start()
for frame, expected in ((struct.pack("<I", 0), (0, b"")), (infinite, None), (FRAME, (2, labels))):
    service.stdin.write(frame)
    service.stdin.flush()
    if expected is None:
        assert b"scan 1" in service.stderr.readline()
    else:
        assert result(service.stdout) == expected
output, errors = service.communicate(FRAME[:100])
assert output == b"" and counts(errors) == [3, 2, 0, 1] and b"incomplete" in errors
assert start().communicate(b"\xff" * 64)[1].count(b"stream of scans") == 1
