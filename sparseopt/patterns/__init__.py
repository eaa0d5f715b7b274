"""Where entries of Jacobians and Hessians may be nonzero: patterns, and how to display them."""
