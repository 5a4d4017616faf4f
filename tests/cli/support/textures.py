"""textures.py FOLDER: pictures of four textures, a folder a class below train and val, the same every time."""
import os
import random
import struct
import sys
import zlib

SIDE = 64
KINDS = {"checks": lambda x, y, period: (x // period + y // period) % 2, "columns": lambda x, y, period: x // period % 2,
         "plain": lambda x, y, period: 0, "rows": lambda x, y, period: y // period % 2}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(pixel):
    rows = b"".join(b"\0" + b"".join(bytes(pixel(x, y)) for x in range(SIDE)) for y in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


draw = random.Random(1)
for part, count in (("train", 60), ("val", 20)):
    for kind, on in KINDS.items():
        folder = os.path.join(sys.argv[1], part, kind)
        os.makedirs(folder, exist_ok=True)
        for number in range(count):
            colours = [[draw.randrange(128) + bright for _ in range(3)] for bright in (0, 128)]
            draw.shuffle(colours)
            period = draw.randrange(3, 9)
            with open(os.path.join(folder, f"{number:03}.png"), "wb") as file:
                file.write(png(lambda x, y: colours[on(x, y, period)]))
