-- The present as --now says, for what a report without an end compares.  $1 a time.
select set_config('waybill.now', $1, true);
