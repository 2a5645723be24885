// Package check judges components as a monitoring plugin does: it makes one of four states
// out of their health and the limits of their readings, and leaves out what its user does not
// want to hear of. How a component is, package inventory says.
//
// The words and formats are those of the Monitoring Plugins Development Guidelines, as Nagios,
// Icinga, Zabbix and Checkmk read them. All functions are pure.
package check
