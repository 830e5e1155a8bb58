#!/usr/bin/env python3
"""Write src/store/config_paths.def: the paths that the settings pages of a Magento's modules know, which are secret and which belong to one
environment, sorted.

usage: tools/config_paths.py FOLDER MORE.TXT > src/store/config_paths.def

FOLDER holds modules with their etc/adminhtml/system.xml, etc/adminhtml/system/*.xml, etc/config.xml and etc/di.xml. MORE.TXT has lines
"path" and words (secret, hidden, environment) for what newer modules added.
"""
import pathlib
import re
import sys
import xml.etree.ElementTree as tree

PATH = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){2,}$")


def fields(node, above, out, part):
    for child in node:
        if child.tag in ("section", "group"):
            fields(child, above + [child.get("id")], out, part)
        elif child.tag == "field" and child.get("type") not in ("label", "button"):
            # Deeper fields without a path of their own, and those of parts that a page includes, are not stored under where they stand.
            path = (child.findtext("config_path") or "/".join(above + [child.get("id")])).strip()
            if child.find("config_path") is None and (part or len(above) != 2):
                continue
            model = child.findtext("backend_model") or ""
            out.setdefault(path, set())
            if "Encrypted" in model:
                out[path].add("secret")
            elif child.get("type") in ("obscure", "password"):
                out[path].add("hidden")
        else:
            fields(child, above, out, part)


def encrypted(node, above, out):
    for child in node:
        if "Encrypted" in (child.get("backend_model") or ""):
            out.setdefault("/".join(above + [child.tag]), set()).add("secret")
        encrypted(child, above + [child.tag], out)


def environment(root, out):
    for kind in root.findall("./type[@name='Magento\\Config\\Model\\Config\\TypePool']"):
        for item in kind.findall(".//argument[@name='environment']/item"):
            out.setdefault(item.get("name"), set()).add("environment")


def read(folder):
    out = {}
    for file in sorted(pathlib.Path(folder).rglob("*.xml")):
        root = tree.parse(file).getroot()
        if file.name == "di.xml":
            environment(root, out)
        elif file.name == "config.xml":
            for scope in root.findall("default"):
                encrypted(scope, [], out)
        else:
            fields(root, [], out, file.parent.name == "system")
    return out


def main():
    out = read(sys.argv[1])
    for line in open(sys.argv[2], encoding="utf-8"):
        path, *words = line.split()
        out.setdefault(path, set()).update(words)
    print("/*\n * Paths of Magento's settings pages: X(path, flags), sorted by path; made by tools/config_paths.py. SECRET is stored encrypted and\n"
          " * never shown; HIDDEN is stored as it is and never shown; ENVIRONMENT (an address, a host) belongs to one environment.\n */")
    for path in sorted((p for p in out if PATH.match(p) and not p.startswith("payment_all_")), key=lambda p: p.encode()):
        print('X("%s", %s)' % (path, " | ".join(sorted(w.upper() for w in out[path])) or "0"))


main()
