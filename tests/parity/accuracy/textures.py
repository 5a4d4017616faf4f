"""textures.py FOLDER: pictures of six textures, a folder a class below train and val, the same every time.

How much of a texture the noise leaves differs from picture to picture, so that no model tells all of them apart.
"""
import math
import pathlib
import random
import struct
import sys
import zlib

SIDE, COUNTS, NOISE = 64, {"train": 200, "val": 100}, 12
KINDS = {
    "checks": lambda x, y, period: (x // period + y // period) % 2,
    "columns": lambda x, y, period: x // period % 2,
    "diagonals": lambda x, y, period: (x + y) // period % 2,
    "plain": lambda x, y, period: 0,
    "rings": lambda x, y, period: int(math.hypot(x - SIDE / 2, y - SIDE / 2)) // period % 2,
    "rows": lambda x, y, period: y // period % 2,
}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(rows):
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def picture(on, draw, noise):
    """Two colours that differ by 4 to 120 of 255, and noise as strong in every picture."""
    period, contrast = draw.randrange(3, 9), draw.uniform(4, 120)
    middle = [draw.randrange(80, 176) for _ in range(3)]
    shifts = [draw.choice((-0.5, 0.5)) * contrast for _ in range(3)]
    start = draw.randrange(len(noise))
    rows = []
    for y in range(SIDE):
        row = bytearray()
        for x in range(SIDE):
            sign = 1 if on(x, y, period) else -1
            for c in range(3):
                start += 1
                row.append(min(255, max(0, int(middle[c] + sign * shifts[c] + noise[start % len(noise)]))))
        rows.append(bytes(row))
    return png(rows)


def main(folder, counts=COUNTS):
    draw = random.Random(1)
    noise = [draw.gauss(0, NOISE) for _ in range(1 << 16)]
    for part, count in counts.items():
        for kind, on in KINDS.items():
            into = pathlib.Path(folder, part, kind)
            into.mkdir(parents=True, exist_ok=True)
            for number in range(count):
                (into / f"{number:03}.png").write_bytes(picture(on, draw, noise))


if __name__ == "__main__":
    main(sys.argv[1])
