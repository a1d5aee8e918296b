-- Room to sort and sum up in what reports say of hundreds of thousands of addresses.
set work_mem = '128MB';
