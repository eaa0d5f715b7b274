"""Problems constrained by partial differential equations: control and parameter identification."""
