"""Pictures inside .zip, .tar and Parquet files, read where they lie."""
