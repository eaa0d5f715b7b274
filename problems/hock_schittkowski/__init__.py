"""Small test examples: Hock and Schittkowski (1981), doi:10.1007/978-3-642-48320-2.

All problems of the book but 87, whose objective jumps with two variables (the cost of electric
current by intervals); it has no derivatives there. The book has no 82, 94 and 115. Problem 67 has
the book's intermediate quantities as variables, in the place of its fixed-point iteration. Where
the book's formulas and CUTEst's files disagree, or a solver ends at another local optimum than the
one the book prints, a problem's file says so. Variables are counted from 0.
"""
