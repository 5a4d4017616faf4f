#!/usr/bin/env python3
"""Writes letter_table.cpp: lib/template/letter_table.py >lib/template/letter_table.cpp

Each word of a table is a letter beyond ASCII and, right behind it, what it is in capitals ("ßSS") or in small letters
("Ää"), as Python's own Unicode data has it.
"""
import unicodedata


def table(of):
    letters = (chr(code) for code in range(128, 0x110000) if not 0xD800 <= code < 0xE000)
    words = [letter + other for letter in letters if (other := of(letter)) != letter]
    return "\n".join(" ".join(words[at:at + 24]) for at in range(0, len(words), 24))


print(f"""// Made by letter_table.py, which says what stands here, from Unicode {unicodedata.unidata_version}.
#include "template/letters.h"

namespace lotse::tmpl::jsone {{

const char* const capitals = R"(
{table(str.upper)})";

const char* const small_letters = R"(
{table(str.lower)})";

}}  // namespace lotse::tmpl::jsone""")
