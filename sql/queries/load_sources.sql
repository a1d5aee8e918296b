-- All known sources, as load_find.sql tells of some, once for each path of theirs.
select s.source_id, s.bytes, s.resume_offset, encode(s.sha256, 'hex'), s.state, s.head_length,
       encode(s.head_sha256, 'hex'), s.rejected, p.path, p.file_status
from waybill.source s left join waybill.source_path p using (source_id)
