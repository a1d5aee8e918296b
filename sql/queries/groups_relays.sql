-- What relays turned out to be which of our hosts, by the runs before.
select relay, host from waybill.relay_host
