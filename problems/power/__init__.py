"""Power networks: optimal power flow on MATPOWER and PGLib-OPF files."""
