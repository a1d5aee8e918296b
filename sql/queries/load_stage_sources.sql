-- Sources and where they lie.  Emptied by every commit.
create temp table if not exists stage_source (like waybill.source) on commit delete rows;
create temp table if not exists stage_path (like waybill.source_path) on commit delete rows
