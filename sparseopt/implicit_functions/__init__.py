"""Systems of equations solved inside a traced program, with derivatives by the adjoint method."""
