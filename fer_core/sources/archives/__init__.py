"""Pictures inside .zip, .tar and Parquet files, read without unpacking."""
