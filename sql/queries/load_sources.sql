-- All known sources, as load_find.sql tells of some.
select source_id, bytes, resume_offset, encode(sha256, 'hex'), state, head_length, encode(head_sha256, 'hex'),
       rejected
from waybill.source
