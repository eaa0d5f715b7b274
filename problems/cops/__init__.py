"""COPS 3.0: the collection of Dolan, Moré and Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714."""
