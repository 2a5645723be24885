#!/bin/sh
# Prometheus: writes the state of hosts for the textfile collector of node_exporter. Run it from
# a timer, with the names of named connections: prometheus.sh DIRECTORY esx1 esx2
set -u
directory=$1
shift
for host in "$@"; do
	new=$(mktemp "$directory/.cimwatch-XXXXXX") || exit 1
	${CIMWATCH:-/usr/local/bin/cimwatch} check "@$host" -o prometheus >"$new"
	# What is not metrics, such as wrong usage, leaves no file behind.
	if grep -q '^cimwatch_check_state' "$new"; then
		chmod 644 "$new" && mv "$new" "$directory/cimwatch-$host.prom"
	else
		cat "$new" >&2
		rm -f "$new" "$directory/cimwatch-$host.prom"
	fi
done
