#!/bin/sh
# Zabbix external check: put it into ExternalScripts of the server or proxy, and make an item of
# type "External check" with the key zabbix-cimwatch.sh["{HOST.CONN}"], a text, every 10m. Its
# time-out (Timeout of the server, or of the item) has to be longer than that below.
#
# Dependent items take their values out of it by JSONPath: $.code is 0 OK, 1 WARNING, 2 CRITICAL,
# 3 UNKNOWN; $.components[?(@.state=='critical')].name names what failed.
#
# The account is in the environment or in files, never in the arguments. The state is in the
# JSON, so the exit code says only that there is one.
export CIMWATCH_USER="${CIMWATCH_USER:-monitor}"
export CIMWATCH_PASSWORD_FILE="${CIMWATCH_PASSWORD_FILE:-/etc/zabbix/cimwatch.password}"
${CIMWATCH:-/usr/local/bin/cimwatch} check --host "$1" --timeout 25 -o json
exit 0
