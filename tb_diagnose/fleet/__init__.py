"""Many runs at once: an index of a company's logdirs, made on one machine or on a Dask cluster, and what it tells."""
