select count(*) from loose
