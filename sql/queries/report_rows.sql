-- How many rows a section shows at most, for queries in which more would cost too much.  $1 a number, or empty for all.
select set_config('waybill.rows', coalesce($1, ''), true);
