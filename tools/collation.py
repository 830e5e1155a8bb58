#!/usr/bin/env python3
"""Write src/store/collation.inc: the weights of utf8mb4_general_ci for the basic multilingual plane, as MariaDB itself gives them.

usage: tools/collation.py SOCKET > src/store/collation.inc
"""
import subprocess
import sys

QUERY = """SELECT seq, HEX(WEIGHT_STRING(CONVERT(CONVERT(UNHEX(LPAD(HEX(seq), 4, '0')) USING ucs2) USING utf8mb4)
 COLLATE utf8mb4_general_ci)) FROM seq_0_to_65535 WHERE seq NOT BETWEEN 55296 AND 57343"""


def weights(socket):
    out = subprocess.run(["mariadb", "--no-defaults", "--socket=" + socket, "-u", "root", "-D", "ferrite", "-N", "-B", "-e", QUERY],
                         check=True, capture_output=True, text=True).stdout
    table = list(range(65536))
    for line in out.splitlines():
        code, weight = line.split("\t")
        assert len(weight) == 4, line
        table[int(code)] = int(weight, 16)
    return table


def main():
    table = weights(sys.argv[1])
    print("/* Made by tools/collation.py from MariaDB's WEIGHT_STRING: pages of 256 weights; a page not listed weighs as its code points. */")
    pages = [p for p in range(256) if table[p * 256:p * 256 + 256] != list(range(p * 256, p * 256 + 256))]
    for p in pages:
        print("static const uint16_t page_%02x[256] = {" % p)
        for i in range(0, 256, 16):
            print("\t" + ", ".join("0x%04x" % w for w in table[p * 256 + i:p * 256 + i + 16]) + ",")
        print("};")
    print("static const uint16_t *const pages[256] = {")
    for p in pages:
        print("\t[0x%02x] = page_%02x," % (p, p))
    print("};")


main()
