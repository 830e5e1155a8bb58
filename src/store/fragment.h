/*
 * Pieces of SQL that the two engines spell differently. Statement text names one as {NAME}; the driver puts its own spelling in
 * when it prepares. Everything else is the common subset.
 */
#ifndef FER_STORE_FRAGMENT_H
#define FER_STORE_FRAGMENT_H

/*
 * {UPSERT(a,b)}    after an INSERT … VALUES (…): SQLite ON CONFLICT(a,b) DO UPDATE SET, MariaDB ON DUPLICATE KEY UPDATE
 * {NEW(c)}         inside an upsert, the value that was to be inserted: excluded.c / VALUES(c)
 * {INSERT_IGNORE}  INSERT OR IGNORE / INSERT IGNORE
 * {NOW}            the present UTC time as 'YYYY-MM-DD HH:MM:SS': strftime('%Y-%m-%d %H:%M:%S','now') / UTC_TIMESTAMP()
 * {FOR_UPDATE}     nothing / FOR UPDATE
 * {CONCAT(a,b)}    (a || b) / CONCAT(a, b); more arguments allowed
 * {CI(x)}          an expression (not a column) that compares and sorts as text columns do: x COLLATE utf8mb4_general_ci / x
 * {NO_LIMIT}       a LIMIT that limits nothing, where only an OFFSET is wanted: LIMIT -1 / LIMIT 18446744073709551615
 * {THEN_JOIN}      an inner join whose left side is read first: CROSS JOIN / STRAIGHT_JOIN
 * A function result has no column type on SQLite: compare it with a bound integer as an integer, and text through {CI(x)}.
 * Fragments may nest. UPSERT after INSERT … SELECT needs a WHERE in the SELECT. The row count of an UPSERT is 0 or 1.
 * Identifiers that are keywords in one engine are written in back-quotes, which both accept.
 */

#endif
