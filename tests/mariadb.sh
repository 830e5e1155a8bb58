#!/bin/sh
# A private MariaDB for tests: own folder, own socket, a free port on loopback, user root without password, database "ferrite".
#   tests/mariadb.sh start     prints FERRITE_TEST_MYSQL_URL=… and FERRITE_TEST_MYSQL_DIR=…
#   tests/mariadb.sh stop DIR  ends it and removes the folder
#   tests/mariadb.sh run CMD…  starts it, runs CMD with the variables set, stops it
set -eu

me=$(id -un)

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start() {
	dir=$(mktemp -d "${TMPDIR:-/tmp}/ferrite-mariadb.XXXXXX")
	port=$(free_port)
	mkdir "$dir/tmp"   # a server that starts removes what it takes for remains of itself in a shared one
	mariadb-install-db --no-defaults --user="$me" --datadir="$dir/data" --auth-root-authentication-method=normal \
		--skip-test-db >"$dir/install.log" 2>&1
	mariadbd --no-defaults --user="$me" --datadir="$dir/data" --tmpdir="$dir/tmp" --socket="$dir/sock" --port="$port" --bind-address=127.0.0.1 \
		--pid-file="$dir/pid" --skip-name-resolve --character-set-server=utf8mb4 --collation-server=utf8mb4_general_ci \
		--innodb-buffer-pool-size=128M --innodb-log-file-size=64M --max-connections=200 >"$dir/log" 2>&1 &
	n=0
	until mariadb --no-defaults --socket="$dir/sock" -u root -e 'CREATE DATABASE IF NOT EXISTS ferrite' 2>/dev/null; do
		n=$((n + 1))
		if [ "$n" -gt 300 ]; then
			cat "$dir/log" >&2
			exit 1
		fi
		sleep 0.1
	done
	# Without a password over TCP too; the port is on loopback and lives as long as the test.
	mariadb --no-defaults --socket="$dir/sock" -u root \
		-e "CREATE OR REPLACE USER root@127.0.0.1; GRANT ALL ON *.* TO root@127.0.0.1 WITH GRANT OPTION"
	echo "FERRITE_TEST_MYSQL_URL=mysql://root@127.0.0.1:$port/ferrite"
	echo "FERRITE_TEST_MYSQL_DIR=$dir"
}

stop() {
	dir=$1
	[ -f "$dir/pid" ] || return 0
	pid=$(cat "$dir/pid")
	kill "$pid" 2>/dev/null || true
	n=0
	while kill -0 "$pid" 2>/dev/null && [ "$n" -lt 300 ]; do
		n=$((n + 1))
		sleep 0.1
	done
	rm -rf "$dir"
}

case "${1:-}" in
start)
	start
	;;
stop)
	stop "$2"
	;;
run)
	shift
	start >/dev/null
	export FERRITE_TEST_MYSQL_URL="mysql://root@127.0.0.1:$port/ferrite" FERRITE_TEST_MYSQL_DIR="$dir"
	trap 'stop "$dir"' EXIT INT TERM
	"$@"
	;;
*)
	sed -n '2,5p' "$0" >&2
	exit 2
	;;
esac
