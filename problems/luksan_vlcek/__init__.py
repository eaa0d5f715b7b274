"""Sparse and chained problems of any size: Lukšan and Vlček (1999), technical report 767."""
