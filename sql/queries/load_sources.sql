-- All known sources, as load_find.sql tells of some, and a path of each.
select source_id, bytes, resume_offset, encode(sha256, 'hex'), state, head_length, encode(head_sha256, 'hex'),
       rejected, path
from waybill.source
