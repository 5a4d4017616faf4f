#!/usr/bin/env python3
"""Writes letter_table.cpp: lib/template/letter_table.py >lib/template/letter_table.cpp

Each line of the table is a letter beyond ASCII with what it is in capitals ("^ß SS") or in small letters ("_Ä ä"), as
Python's own Unicode data has it.
"""
import unicodedata

lines = [mark + letter + " " + other
         for mark, of in (("^", str.upper), ("_", str.lower))
         for letter in map(chr, range(128, 0x110000))
         if not 0xD800 <= ord(letter) < 0xE000 and (other := of(letter)) != letter]
print(f"""// Made by letter_table.py, which says what stands here, from Unicode {unicodedata.unidata_version}.
#include "template/letters.h"

namespace lotse::tmpl::jsone {{

const char* const letter_table = R"(""" + "\n".join(lines) + """
)";

}  // namespace lotse::tmpl::jsone""")
