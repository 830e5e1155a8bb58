#!/usr/bin/env python3
"""Write src/store/config_defaults.def: the built-in values of configuration paths, sorted, from lines "path = value".

usage: tools/config_defaults.py LINES.TXT > src/store/config_defaults.def

Left out: paths without a value, credentials, templates and prose. Addresses that were printed are placeholders in the modules' files.
"""
import re
import sys

PROSE = re.compile(r"""address_templates/|sales/msrp/explanation|recaptcha_frontend/.*message|shopping_assistance_checkbox|domain_association
    |default_custom_instructions|multi_address_error_message|/description$""", re.X)


PLACEHOLDERS = {"web/secure/base_link_url": "secure_base_url", "web/secure/base_url": "unsecure_base_url", "web/secure/base_web_url": "secure_base_url",
                "web/unsecure/base_link_url": "unsecure_base_url", "web/unsecure/base_url": "base_url", "web/unsecure/base_web_url": "unsecure_base_url"}


def main():
    rows = {}
    for line in open(sys.argv[1], encoding="utf-8"):
        path, found, value = line.rstrip("\n").partition(" = ")
        if found and value not in ("NULL", "(blanked)", "") and not PROSE.search(path):
            rows[path] = "{{%s}}" % PLACEHOLDERS[path] if path in PLACEHOLDERS else value
    print("/* Magento's built-in configuration: X(path, value), sorted by path; made by tools/config_defaults.py. */")
    for path in sorted(rows, key=lambda p: p.encode()):
        value = rows[path].replace("\\n", "\n").replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("??", "?\\?")
        print('X("%s", "%s")' % (path, value))


main()
