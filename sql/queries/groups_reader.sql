set max_parallel_workers_per_gather = 0; set work_mem = '128MB'
