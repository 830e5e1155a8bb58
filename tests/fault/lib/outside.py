"""A reader of an SQLite store that is none of ferrite's connections: a statement a line on standard input, its rows as one JSON line.
The collation is right for the ASCII that the fault tests write."""
import json
import sqlite3
import sys

key = lambda text: text.rstrip(' ').upper()
db = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True, isolation_level=None)
db.create_collation('utf8mb4_general_ci', lambda a, b: (key(a) > key(b)) - (key(a) < key(b)))
for line in sys.stdin:
    try:
        rows = db.execute(line).fetchall()
    except sqlite3.Error as error:
        rows = [[f'{error}']]
    print(json.dumps('\n'.join('\t'.join(str(cell) for cell in row) for row in rows)), flush=True)
