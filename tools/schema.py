#!/usr/bin/env python3
"""Write src/store/schema.inc from a table of columns and keys, and a dump that knows how the keys are called.

usage: tools/schema.py MERGED.TSV DUMP.SQL > src/store/schema.inc

A table is one literal of lines: its name, then
  COLUMN  first character '+' counts up, '!' not null, ' ' nullable; name|type|default|^ (set again on update)
  P c,d   primary key            U [name:]c,d  unique      I [name:]c,d  index     X [name:]c,d  full text
  F [name:]c|table.column|rule   foreign key
A key without a name is called TABLE_C_D (foreign: TABLE_C_TABLE_COLUMN), in capitals.
"""
import re
import sys


def dump_names(path):
    names = {}
    for table, body in re.findall(r"^CREATE TABLE `(\w+)` \(\n(.*?)^\)", open(path).read(), re.M | re.S):
        for kind, name, columns, ref in re.findall(
                r"^\s+(UNIQUE KEY|FULLTEXT KEY|KEY|CONSTRAINT) `(\w+)` (?:FOREIGN KEY )?\(([^)]*)\)(?: REFERENCES (`\w+` \(`\w+`\)))?",
                body, re.M):
            names[table, kind[0], columns.replace("`", ""), re.sub(r"[`) ]", "", ref).replace("(", ".")] = name
    return names


def read(path):
    tables = []
    for line in open(path):
        row = line.rstrip("\n").split("\t")
        if row[0] == "TABLE":
            tables.append((row[1], []))
        elif row[0] in ("col", "primary", "unique", "index", "fk"):
            tables[-1][1].append(row)
    return tables


def column(row):
    kind, null, default = row[2], row[3], row[4]
    mark = "+" if "auto_increment" in kind else "!" if null == "not null" else " "
    update = "on_update_now" in kind
    kind = kind.replace(" auto_increment", "").replace(" on_update_now", "")
    kind = {"varchar": "varchar(255)", "boolean": "tinyint(1)"}.get(kind, kind)
    default = {"false": "0", "true": "1", "NULL": "", "null": ""}.get(default, default)
    if default and re.match("timestamp|datetime|date", kind) and default == "0":
        default = "0000-00-00 00:00:00"
    text = mark + row[1] + "|" + kind
    if default or update:
        text += "|" + default
    return text + ("|^" if update else "")


def key(names, table, letter, columns):
    code = {"U": "U", "I": "K", "X": "F"}[letter]
    name = names.get((table, code, columns, ""))
    usual = (table + "_" + columns.replace(",", "_")).upper()
    return letter + " " + (name + ":" if name and name != usual else "") + columns


def foreign(names, table, text):
    columns, ref, rule = re.match(r"(\w+) -> (\w+\.\w+) on delete (.*)", text).groups()
    name = names.get((table, "C", columns, ref))
    usual = (table + "_" + columns + "_" + ref.replace(".", "_")).upper()
    return "F " + (name + ":" if name and name != usual else "") + columns + "|" + ref + "|" + rule


def lines(names, table, rows):
    for row in rows:
        columns = row[1].replace(" ", "")
        if row[0] == "col":
            yield column(row)
        elif row[0] == "primary":
            yield "P " + columns
        elif row[0] == "unique":
            yield key(names, table, "U", columns)
        elif row[0] == "index":
            yield key(names, table, "X" if row[2] == "fulltext" else "I", columns)
        else:
            yield foreign(names, table, row[1])


def main():
    names = dump_names(sys.argv[2])
    print("/* Magento's tables; made by tools/schema.py, which explains the form. */")
    for table, rows in read(sys.argv[1]):
        print('"%s\\n"' % table)
        for line in lines(names, table, rows):
            print('\t"%s\\n"' % line.replace('"', '\\"').replace("''", ""))
        print(",")


main()
