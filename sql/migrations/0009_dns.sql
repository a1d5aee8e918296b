-- The history of DNS keeps every time in which an answer was seen apart from the others: a record that was withdrawn and
-- published again counts for nothing in between.
alter table waybill.dns_record drop constraint dns_record_pkey;
alter table waybill.dns_record add primary key (name, type, rdata, rcode, origin, first_seen);

-- How far the records lie from the moment they were wanted for; null: they are of that time, or undated.
alter table waybill.auth_result add column records_age_s bigint;
