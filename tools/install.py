#!/usr/bin/env python3
"""Write src/store/install.inc: the rows of a clean installation, from a dump of one.

usage: tools/install.py DUMP.SQL > src/store/install.inc

A table is one literal of lines: its name and columns ("store|store_id,code"), then a line a row with tabs between the values;
\\N is NULL and \\T the time of installation. Accounts are left out (init makes the first one), and prose is written anew.
"""
import re
import sys

SKIP = {"admin_user", "admin_passwords"}
PAGES = {
    "1": ("Page not found", "<p>There is no page at this address.</p>"),
    "2": ("Home Page", "<p>This is the home page. Edit it in the content section.</p>"),
    "3": ("Cookies", "<p>This shop needs cookies. Please allow them in your browser.</p>"),
    "4": ("Privacy and Cookie Policy", "<p>Write here which data the shop keeps, and for how long.</p>"),
}
ROW = re.compile(r"^INSERT INTO `(\w+)` \(([^)]*)\) VALUES \((.*)\);$")
VALUE = re.compile(r"(?:_binary )?'((?:[^'\\]|\\.)*)'|([^,]+)")
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}


def values(text):
    for quoted, bare in VALUE.findall(text):
        if bare:
            yield None if bare == "NULL" else bare
        else:
            yield re.sub(r"\\(.)", lambda m: ESCAPES.get(m.group(1), m.group(1)), quoted)


def anew(table, row):
    if table == "cms_page":
        heading, content = PAGES[row["page_id"]]
        row.update(content_heading=heading, content=content, meta_keywords=None, meta_description=None, layout_update_xml=None)
    if table == "eav_attribute" and row["note"]:
        row["note"] = "At most 255 characters"
    if table == "core_config_data" and row["path"] == "catalog/search/opensearch_index_prefix":
        row["value"] = "magento2"
    if table == "core_config_data" and row["path"] == "catalog/search/opensearch_server_port":
        row["value"] = "9200"


def cell(value):
    if value is None:
        return "\\\\N"
    if re.match(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d$", value):
        return "\\\\T"
    assert not re.search(r"[\t\n\r]", value), value
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("??", "?\\?")


def main():
    print("/* The rows of a clean installation; made by tools/install.py, which explains the form. */")
    last = None
    for line in open(sys.argv[1], encoding="utf-8"):
        found = ROW.match(line.rstrip("\n"))
        if not found or found.group(1) in SKIP:
            continue
        table, columns = found.group(1), found.group(2).replace("`", "").replace(" ", "").split(",")
        row = dict(zip(columns, values(found.group(3)), strict=True))
        if table == "authorization_role" and row["user_id"] != "0":
            continue
        anew(table, row)
        if table != last:
            print((",\n" if last else "") + '"%s|%s\\n"' % (table, ",".join(columns)))
            last = table
        print('\t"' + "\\t".join(cell(v) for v in row.values()) + '\\n"')
    print(",")


main()
